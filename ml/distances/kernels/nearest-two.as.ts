/**
 * Finds the smallest and the second smallest of each query's results: `count` float64 numbers from a multiple of `stride`
 * bytes on. Writes the place of the smallest, the first of equals, to `places` (32 bits each), and both to `smallest`.
 */
export function nearestTwo(
  results: usize,
  queries: usize,
  stride: usize,
  count: usize,
  places: usize,
  smallest: usize,
): void {
  for (; queries > 0; queries--, results += stride, places += 4, smallest += 16) {
    const bytes = count << 3;
    let first = f64x2.splat(Infinity);
    let second = first;
    // Places as whole numbers in doubles.
    let best = f64x2.splat(0);
    let place = f64x2.replace_lane(f64x2.splat(0), 1, 1);
    const two = f64x2.splat(2);
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) {
      const values = v128.load(results + at);
      best = v128.bitselect(place, best, f64x2.lt(values, first));
      second = f64x2.pmin(second, f64x2.pmax(values, first));
      first = f64x2.pmin(first, values);
      place = f64x2.add(place, two);
    }
    let low = f64x2.extract_lane(first, 0);
    let next = min(f64x2.extract_lane(second, 0), f64x2.extract_lane(second, 1));
    let lowPlace = f64x2.extract_lane(best, 0);
    const other = f64x2.extract_lane(first, 1);
    const otherPlace = f64x2.extract_lane(best, 1);
    if (other < low || (other === low && otherPlace < lowPlace)) {
      next = min(next, low);
      low = other;
      lowPlace = otherPlace;
    } else next = min(next, other);
    if (at < bytes) {
      const value = load<f64>(results + at);
      if (value < low) {
        next = low;
        low = value;
        lowPlace = <f64>(count - 1);
      } else next = min(next, value);
    }
    store<u32>(places, <u32>lowPlace);
    store<f64>(smallest, low);
    store<f64>(smallest, next, 8);
  }
}

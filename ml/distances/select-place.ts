/**
 * Orders `places` between `from` and `to` so that what stands at `target` is what would in ascending order of `valueOf`,
 * with nothing larger before it and nothing smaller behind it (Hoare's selection, with the middle of three as pivot).
 */
export function selectPlace(
  places: Int32Array,
  from: number,
  to: number,
  target: number,
  valueOf: (place: number) => number,
): void {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const pivot = middleOf(
      valueOf(places[low] ?? 0),
      valueOf(places[(low + high) >> 1] ?? 0),
      valueOf(places[high] ?? 0),
    );
    let left = low;
    let right = high;
    while (left <= right) {
      while (valueOf(places[left] ?? 0) < pivot) left++;
      while (valueOf(places[right] ?? 0) > pivot) right--;
      if (left > right) break;
      const held = places[left] ?? 0;
      places[left] = places[right] ?? 0;
      places[right] = held;
      left++;
      right--;
    }
    if (target <= right) high = right;
    else if (target >= left) low = left;
    else return;
  }
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

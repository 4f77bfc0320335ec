/**
 * @file Which packed rows may be near queries, in single precision: what is too far is left out, the rest is to be measured
 * exactly.
 *
 * Queries are float32, one after the other, of `width` numbers. Rows are packed in panels of eight: for each column the
 * numbers of eight rows side by side.
 */

// What is summed, as type arguments: the compiler makes a function for each.
class Product {}
class Absolute {}

/**
 * Appends the places of rows whose product with a query, added to the row's start, is at least the query's limit, to its
 * list: `capacity` places of 32 bits for each query from `lists` on, whose lengths stand from `lengths` on. The first
 * row's place is `first`.
 */
export function nearProducts(
  queries: usize,
  count: usize,
  panels: usize,
  starts: usize,
  panelCount: usize,
  width: usize,
  limits: usize,
  first: u32,
  lists: usize,
  capacity: usize,
  lengths: usize,
): void {
  near<Product>(queries, count, panels, starts, panelCount, width, limits, first, lists, capacity, lengths);
}

/** The same with a row's start less the sum of absolute differences. */
export function nearAbsolutes(
  queries: usize,
  count: usize,
  panels: usize,
  starts: usize,
  panelCount: usize,
  width: usize,
  limits: usize,
  first: u32,
  lists: usize,
  capacity: usize,
  lengths: usize,
): void {
  near<Absolute>(queries, count, panels, starts, panelCount, width, limits, first, lists, capacity, lengths);
}

function near<Kind>(
  queries: usize,
  count: usize,
  panels: usize,
  starts: usize,
  panelCount: usize,
  width: usize,
  limits: usize,
  first: u32,
  lists: usize,
  capacity: usize,
  lengths: usize,
): void {
  const bytes = width << 2;
  const listBytes = capacity << 2;
  for (; count >= 4; count -= 4) {
    const second = queries + bytes;
    const third = second + bytes;
    const fourth = third + bytes;
    const limitA = v128.load32_splat(limits);
    const limitB = v128.load32_splat(limits, 4);
    const limitC = v128.load32_splat(limits, 8);
    const limitD = v128.load32_splat(limits, 12);
    let panel = panels;
    let place = first;
    let start = starts;
    for (let column: usize = 0; column < panelCount; column++, place += 8, start += 32) {
      let a0 = v128.load(start);
      let a1 = v128.load(start, 16);
      let b0 = v128.load(start);
      let b1 = v128.load(start, 16);
      let c0 = v128.load(start);
      let c1 = v128.load(start, 16);
      let d0 = v128.load(start);
      let d1 = v128.load(start, 16);
      for (let at: usize = 0; at < bytes; at += 4, panel += 32) {
        const low = v128.load(panel);
        const high = v128.load(panel, 16);
        const a = v128.load32_splat(queries + at);
        a0 = step<Kind>(a0, a, low);
        a1 = step<Kind>(a1, a, high);
        const b = v128.load32_splat(second + at);
        b0 = step<Kind>(b0, b, low);
        b1 = step<Kind>(b1, b, high);
        const c = v128.load32_splat(third + at);
        c0 = step<Kind>(c0, c, low);
        c1 = step<Kind>(c1, c, high);
        const d = v128.load32_splat(fourth + at);
        d0 = step<Kind>(d0, d, low);
        d1 = step<Kind>(d1, d, high);
      }
      append(f32x4.ge(a0, limitA), f32x4.ge(a1, limitA), place, lists, lengths);
      append(f32x4.ge(b0, limitB), f32x4.ge(b1, limitB), place, lists + listBytes, lengths + 4);
      append(f32x4.ge(c0, limitC), f32x4.ge(c1, limitC), place, lists + 2 * listBytes, lengths + 8);
      append(f32x4.ge(d0, limitD), f32x4.ge(d1, limitD), place, lists + 3 * listBytes, lengths + 12);
    }
    queries += bytes << 2;
    limits += 16;
    lists += listBytes << 2;
    lengths += 16;
  }
  for (; count > 0; count--) {
    const limit = v128.load32_splat(limits);
    let panel = panels;
    let place = first;
    let start = starts;
    for (let column: usize = 0; column < panelCount; column++, place += 8, start += 32) {
      let a0 = v128.load(start);
      let a1 = v128.load(start, 16);
      for (let at: usize = 0; at < bytes; at += 4, panel += 32) {
        const a = v128.load32_splat(queries + at);
        a0 = step<Kind>(a0, a, v128.load(panel));
        a1 = step<Kind>(a1, a, v128.load(panel, 16));
      }
      append(f32x4.ge(a0, limit), f32x4.ge(a1, limit), place, lists, lengths);
    }
    queries += bytes;
    limits += 4;
    lists += listBytes;
    lengths += 4;
  }
}

/** Appends the places of eight rows that are near enough. */
function append(low: v128, high: v128, place: u32, list: usize, lengthAt: usize): void {
  if (!v128.any_true(v128.or(low, high))) return;
  let bits = i32x4.bitmask(low) | (i32x4.bitmask(high) << 4);
  let length = load<u32>(lengthAt);
  for (; bits !== 0; bits &= bits - 1) {
    store<u32>(list + ((<usize>length) << 2), place + ctz(bits));
    length++;
  }
  store<u32>(lengthAt, length);
}

function step<Kind>(sum: v128, a: v128, b: v128): v128 {
  if (idof<Kind>() === idof<Product>()) return f32x4.add(sum, f32x4.mul(a, b));
  return f32x4.sub(sum, f32x4.abs(f32x4.sub(a, b)));
}

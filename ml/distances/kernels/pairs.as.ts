/**
 * @file A number for each pair of a query and a packed row.
 *
 * Queries are float64, one after the other, of `width` numbers. Rows are packed in panels of four: for each column the
 * numbers of four rows side by side. Each sum is made column by column, so that it is the same whatever stands around it.
 */

// What is summed, as type arguments: the compiler makes a function for each.
class Product {}
class Square {}
class Absolute {}

/** The products of queries and rows. `stride` is the number of bytes from one query's results to the next one's. */
export function products(
  queries: usize,
  count: usize,
  panels: usize,
  panelCount: usize,
  width: usize,
  out: usize,
  stride: usize,
): void {
  pairs<Product>(queries, count, panels, panelCount, width, out, stride);
}

/** The squared Euclidean distances of queries and rows. */
export function squaredDistances(
  queries: usize,
  count: usize,
  panels: usize,
  panelCount: usize,
  width: usize,
  out: usize,
  stride: usize,
): void {
  pairs<Square>(queries, count, panels, panelCount, width, out, stride);
}

/** The sums of absolute differences of queries and rows. */
export function absoluteDistances(
  queries: usize,
  count: usize,
  panels: usize,
  panelCount: usize,
  width: usize,
  out: usize,
  stride: usize,
): void {
  pairs<Absolute>(queries, count, panels, panelCount, width, out, stride);
}

function pairs<Kind>(
  queries: usize,
  count: usize,
  panels: usize,
  panelCount: usize,
  width: usize,
  out: usize,
  stride: usize,
): void {
  const bytes = width << 3;
  const panelBytes = bytes << 2;
  for (; count >= 4; count -= 4) {
    const second = queries + bytes;
    const third = second + bytes;
    const fourth = third + bytes;
    let panel = panels;
    for (let column: usize = 0; column < panelCount; column++) {
      let a0 = f64x2.splat(0);
      let a1 = f64x2.splat(0);
      let b0 = f64x2.splat(0);
      let b1 = f64x2.splat(0);
      let c0 = f64x2.splat(0);
      let c1 = f64x2.splat(0);
      let d0 = f64x2.splat(0);
      let d1 = f64x2.splat(0);
      for (let at: usize = 0; at < bytes; at += 8, panel += 32) {
        const low = v128.load(panel);
        const high = v128.load(panel, 16);
        const a = v128.load64_splat(queries + at);
        a0 = f64x2.add(a0, term<Kind>(a, low));
        a1 = f64x2.add(a1, term<Kind>(a, high));
        const b = v128.load64_splat(second + at);
        b0 = f64x2.add(b0, term<Kind>(b, low));
        b1 = f64x2.add(b1, term<Kind>(b, high));
        const c = v128.load64_splat(third + at);
        c0 = f64x2.add(c0, term<Kind>(c, low));
        c1 = f64x2.add(c1, term<Kind>(c, high));
        const d = v128.load64_splat(fourth + at);
        d0 = f64x2.add(d0, term<Kind>(d, low));
        d1 = f64x2.add(d1, term<Kind>(d, high));
      }
      let to = out + (column << 5);
      v128.store(to, a0);
      v128.store(to, a1, 16);
      to += stride;
      v128.store(to, b0);
      v128.store(to, b1, 16);
      to += stride;
      v128.store(to, c0);
      v128.store(to, c1, 16);
      to += stride;
      v128.store(to, d0);
      v128.store(to, d1, 16);
    }
    queries += bytes << 2;
    out += stride << 2;
  }
  for (; count > 0; count--) {
    let panel = panels;
    let to = out;
    let column = panelCount;
    // Two panels at a time, as one alone waits for its sums.
    for (; column >= 2; column -= 2, panel += panelBytes, to += 64) {
      let a0 = f64x2.splat(0);
      let a1 = f64x2.splat(0);
      let b0 = f64x2.splat(0);
      let b1 = f64x2.splat(0);
      for (let at: usize = 0; at < bytes; at += 8, panel += 32) {
        const a = v128.load64_splat(queries + at);
        a0 = f64x2.add(a0, term<Kind>(a, v128.load(panel)));
        a1 = f64x2.add(a1, term<Kind>(a, v128.load(panel, 16)));
        b0 = f64x2.add(b0, term<Kind>(a, v128.load(panel + panelBytes)));
        b1 = f64x2.add(b1, term<Kind>(a, v128.load(panel + panelBytes, 16)));
      }
      v128.store(to, a0);
      v128.store(to, a1, 16);
      v128.store(to, b0, 32);
      v128.store(to, b1, 48);
    }
    if (column > 0) {
      let a0 = f64x2.splat(0);
      let a1 = f64x2.splat(0);
      for (let at: usize = 0; at < bytes; at += 8, panel += 32) {
        const a = v128.load64_splat(queries + at);
        a0 = f64x2.add(a0, term<Kind>(a, v128.load(panel)));
        a1 = f64x2.add(a1, term<Kind>(a, v128.load(panel, 16)));
      }
      v128.store(to, a0);
      v128.store(to, a1, 16);
    }
    queries += bytes;
    out += stride;
  }
}

function term<Kind>(a: v128, b: v128): v128 {
  if (idof<Kind>() === idof<Product>()) return f64x2.mul(a, b);
  const difference = f64x2.sub(a, b);
  return idof<Kind>() === idof<Square>() ? f64x2.mul(difference, difference) : f64x2.abs(difference);
}

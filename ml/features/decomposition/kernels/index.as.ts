/** @file Products of columns, for `../kernels.ts`. */

/**
 * Adds to `products`, a matrix of `width` rows, the products of all pairs of columns on and below the diagonal (and some
 * above it). The columns stand in `block`, each of `bytes`; `width` is a multiple of 4 and `bytes` of 16. In tiles of 4 by 2
 * columns, whose sums stay in registers.
 */
export function addProducts(products: usize, block: usize, width: usize, bytes: usize): void {
  for (let i: usize = 0; i < width; i += 4) {
    const a = block + i * bytes;
    const b = a + bytes;
    const c = b + bytes;
    const d = c + bytes;
    for (let j: usize = 0; j < i + 4; j += 2) {
      const p = block + j * bytes;
      const q = p + bytes;
      let ap = f64x2.splat(0);
      let aq = f64x2.splat(0);
      let bp = f64x2.splat(0);
      let bq = f64x2.splat(0);
      let cp = f64x2.splat(0);
      let cq = f64x2.splat(0);
      let dp = f64x2.splat(0);
      let dq = f64x2.splat(0);
      for (let at: usize = 0; at < bytes; at += 16) {
        const x = v128.load(p + at);
        const y = v128.load(q + at);
        const first = v128.load(a + at);
        ap = f64x2.add(ap, f64x2.mul(first, x));
        aq = f64x2.add(aq, f64x2.mul(first, y));
        const second = v128.load(b + at);
        bp = f64x2.add(bp, f64x2.mul(second, x));
        bq = f64x2.add(bq, f64x2.mul(second, y));
        const third = v128.load(c + at);
        cp = f64x2.add(cp, f64x2.mul(third, x));
        cq = f64x2.add(cq, f64x2.mul(third, y));
        const fourth = v128.load(d + at);
        dp = f64x2.add(dp, f64x2.mul(fourth, x));
        dq = f64x2.add(dq, f64x2.mul(fourth, y));
      }
      const row = width * 8;
      const to = products + i * row + j * 8;
      addPair(to, ap, aq);
      addPair(to + row, bp, bq);
      addPair(to + 2 * row, cp, cq);
      addPair(to + 3 * row, dp, dq);
    }
  }
}

/** Adds two sums, each of both lanes, to two neighbours. */
function addPair(to: usize, p: v128, q: v128): void {
  const sums = f64x2.add(v128.shuffle<f64>(p, q, 0, 2), v128.shuffle<f64>(p, q, 1, 3));
  v128.store(to, f64x2.add(v128.load(to), sums));
}

/** @file Weighted products of columns, in tiles of 4 x 4 whose sums stay in registers. */

/**
 * Writes rows of `width` numbers, less a shift for each column, as rows of `stride` numbers: a multiple of 4 above
 * `width`. A 1 follows the columns, then zeros.
 */
export function pack(rows: usize, count: usize, width: usize, stride: usize, shift: usize, to: usize): void {
  const bytes = width << 3;
  for (let row: usize = 0; row < count; row++, rows += bytes, to += stride << 3) {
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16)
      v128.store(to + at, f64x2.sub(v128.load(rows + at), v128.load(shift + at)));
    for (; at < bytes; at += 8) store<f64>(to + at, load<f64>(rows + at) - load<f64>(shift + at));
    store<f64>(to + at, 1);
    for (at += 8; at < stride << 3; at += 8) store<f64>(to + at, 0);
  }
}

/**
 * Adds to `products`, a matrix of `stride` rows, each row's products of its numbers times its weight. Only tiles on and
 * below the diagonal are computed.
 */
export function addProducts(rows: usize, count: usize, stride: usize, weights: usize, products: usize): void {
  const bytes = stride << 3;
  for (let i: usize = 0; i < bytes; i += 32) {
    for (let j: usize = 0; j <= i; j += 32)
      addTile(rows, count, bytes, weights, i, j, products + i * stride + j);
  }
}

function addTile(
  rows: usize,
  count: usize,
  bytes: usize,
  weights: usize,
  i: usize,
  j: usize,
  tile: usize,
): void {
  let a = v128.load(tile);
  let a2 = v128.load(tile, 16);
  let b = v128.load(tile + bytes);
  let b2 = v128.load(tile + bytes, 16);
  const third = tile + (bytes << 1);
  let c = v128.load(third);
  let c2 = v128.load(third, 16);
  let d = v128.load(third + bytes);
  let d2 = v128.load(third + bytes, 16);
  let left = rows + i;
  let right = rows + j;
  const end = weights + (count << 3);
  for (; weights < end; weights += 8, left += bytes, right += bytes) {
    const weight = v128.load64_splat(weights);
    const x = f64x2.mul(weight, v128.load(right));
    const x2 = f64x2.mul(weight, v128.load(right, 16));
    const p = v128.load64_splat(left);
    a = f64x2.add(a, f64x2.mul(p, x));
    a2 = f64x2.add(a2, f64x2.mul(p, x2));
    const q = v128.load64_splat(left, 8);
    b = f64x2.add(b, f64x2.mul(q, x));
    b2 = f64x2.add(b2, f64x2.mul(q, x2));
    const r = v128.load64_splat(left, 16);
    c = f64x2.add(c, f64x2.mul(r, x));
    c2 = f64x2.add(c2, f64x2.mul(r, x2));
    const s = v128.load64_splat(left, 24);
    d = f64x2.add(d, f64x2.mul(s, x));
    d2 = f64x2.add(d2, f64x2.mul(s, x2));
  }
  v128.store(tile, a);
  v128.store(tile, a2, 16);
  v128.store(tile + bytes, b);
  v128.store(tile + bytes, b2, 16);
  v128.store(third, c);
  v128.store(third, c2, 16);
  v128.store(third + bytes, d);
  v128.store(third + bytes, d2, 16);
}

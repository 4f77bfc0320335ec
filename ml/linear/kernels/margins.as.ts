/**
 * @file Rows times coefficients, and slopes times rows: what a linear model's loss and gradient are made of.
 *
 * Rows are float64, one after the other, of `width` numbers. Coefficients and gradients have the intercept's number
 * behind those of the columns. Four rows are taken at a time, so that coefficients and gradients are read once for four.
 */

/** Writes each row's sum of products with the coefficients, the intercept added. */
export function margins(rows: usize, count: usize, width: usize, coefficients: usize, out: usize): void {
  const bytes = width << 3;
  const intercept = load<f64>(coefficients + bytes);
  const end = out + (count << 3);
  for (; out + 32 <= end; out += 32, rows += bytes << 2) {
    const second = rows + bytes;
    const third = second + bytes;
    const fourth = third + bytes;
    let a = f64x2.splat(0);
    let b = f64x2.splat(0);
    let c = f64x2.splat(0);
    let d = f64x2.splat(0);
    let a2 = f64x2.splat(0);
    let b2 = f64x2.splat(0);
    let c2 = f64x2.splat(0);
    let d2 = f64x2.splat(0);
    let at: usize = 0;
    for (; at + 32 <= bytes; at += 32) {
      const weights = v128.load(coefficients + at);
      const weights2 = v128.load(coefficients + at, 16);
      a = f64x2.add(a, f64x2.mul(weights, v128.load(rows + at)));
      b = f64x2.add(b, f64x2.mul(weights, v128.load(second + at)));
      c = f64x2.add(c, f64x2.mul(weights, v128.load(third + at)));
      d = f64x2.add(d, f64x2.mul(weights, v128.load(fourth + at)));
      a2 = f64x2.add(a2, f64x2.mul(weights2, v128.load(rows + at, 16)));
      b2 = f64x2.add(b2, f64x2.mul(weights2, v128.load(second + at, 16)));
      c2 = f64x2.add(c2, f64x2.mul(weights2, v128.load(third + at, 16)));
      d2 = f64x2.add(d2, f64x2.mul(weights2, v128.load(fourth + at, 16)));
    }
    let p = intercept + total(f64x2.add(a, a2));
    let q = intercept + total(f64x2.add(b, b2));
    let r = intercept + total(f64x2.add(c, c2));
    let s = intercept + total(f64x2.add(d, d2));
    for (; at < bytes; at += 8) {
      const weight = load<f64>(coefficients + at);
      p += weight * load<f64>(rows + at);
      q += weight * load<f64>(second + at);
      r += weight * load<f64>(third + at);
      s += weight * load<f64>(fourth + at);
    }
    store<f64>(out, p);
    store<f64>(out, q, 8);
    store<f64>(out, r, 16);
    store<f64>(out, s, 24);
  }
  for (; out < end; out += 8, rows += bytes) {
    let sum = intercept;
    for (let at: usize = 0; at < bytes; at += 8) sum += load<f64>(coefficients + at) * load<f64>(rows + at);
    store<f64>(out, sum);
  }
}

/** Adds each row times its slope to the gradient, and the slopes to the intercept's. */
export function addSlopes(rows: usize, count: usize, width: usize, slopes: usize, gradient: usize): void {
  const bytes = width << 3;
  const end = slopes + (count << 3);
  let sum = load<f64>(gradient + bytes);
  for (; slopes + 32 <= end; slopes += 32, rows += bytes << 2) {
    const second = rows + bytes;
    const third = second + bytes;
    const fourth = third + bytes;
    const a = v128.load64_splat(slopes);
    const b = v128.load64_splat(slopes, 8);
    const c = v128.load64_splat(slopes, 16);
    const d = v128.load64_splat(slopes, 24);
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) {
      const first = f64x2.add(f64x2.mul(a, v128.load(rows + at)), f64x2.mul(b, v128.load(second + at)));
      const last = f64x2.add(f64x2.mul(c, v128.load(third + at)), f64x2.mul(d, v128.load(fourth + at)));
      v128.store(gradient + at, f64x2.add(v128.load(gradient + at), f64x2.add(first, last)));
    }
    const p = load<f64>(slopes);
    const q = load<f64>(slopes, 8);
    const r = load<f64>(slopes, 16);
    const s = load<f64>(slopes, 24);
    for (; at < bytes; at += 8) {
      const first = p * load<f64>(rows + at) + q * load<f64>(second + at);
      const last = r * load<f64>(third + at) + s * load<f64>(fourth + at);
      store<f64>(gradient + at, load<f64>(gradient + at) + first + last);
    }
    sum += p + q + (r + s);
  }
  for (; slopes < end; slopes += 8, rows += bytes) {
    const slope = load<f64>(slopes);
    for (let at: usize = 0; at < bytes; at += 8)
      store<f64>(gradient + at, load<f64>(gradient + at) + slope * load<f64>(rows + at));
    sum += slope;
  }
  store<f64>(gradient + bytes, sum);
}

function total(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/**
 * @file A layer of a network: rows times weights, a bias added, and negative numbers made 0 where that is wanted.
 *
 * All numbers are float32. Strides count numbers and are multiples of 4; weights are `[inputs, outStride]`, so that four
 * outputs of one input lie side by side, and what is beyond a layer's outputs is 0 in weights and bias.
 */

/** Writes `rows` rows of `outStride` numbers to `out`, of rows of which `inputs` numbers count. */
export function dense(
  from: usize,
  rows: usize,
  inputs: usize,
  inStride: usize,
  weights: usize,
  bias: usize,
  outStride: usize,
  out: usize,
  relu: bool,
): void {
  const zero = f32x4.splat(0);
  const outBytes = outStride << 2;
  const inBytes = inputs << 2;
  for (let row: usize = 0; row < rows; row++, from += inStride << 2, out += outBytes) {
    let at: usize = 0;
    for (; at + 64 <= outBytes; at += 64) {
      let a = v128.load(bias + at);
      let b = v128.load(bias + at, 16);
      let c = v128.load(bias + at, 32);
      let d = v128.load(bias + at, 48);
      let weight = weights + at;
      for (let input: usize = 0; input < inBytes; input += 4, weight += outBytes) {
        const x = v128.load32_splat(from + input);
        a = f32x4.add(a, f32x4.mul(x, v128.load(weight)));
        b = f32x4.add(b, f32x4.mul(x, v128.load(weight, 16)));
        c = f32x4.add(c, f32x4.mul(x, v128.load(weight, 32)));
        d = f32x4.add(d, f32x4.mul(x, v128.load(weight, 48)));
      }
      if (relu) {
        a = f32x4.max(a, zero);
        b = f32x4.max(b, zero);
        c = f32x4.max(c, zero);
        d = f32x4.max(d, zero);
      }
      v128.store(out + at, a);
      v128.store(out + at, b, 16);
      v128.store(out + at, c, 32);
      v128.store(out + at, d, 48);
    }
    for (; at < outBytes; at += 16) {
      let a = v128.load(bias + at);
      let weight = weights + at;
      for (let input: usize = 0; input < inBytes; input += 4, weight += outBytes)
        a = f32x4.add(a, f32x4.mul(v128.load32_splat(from + input), v128.load(weight)));
      if (relu) a = f32x4.max(a, zero);
      v128.store(out + at, a);
    }
  }
}

/** Writes `count` float32 numbers as float64. */
export function widen(from: usize, to: usize, count: usize): void {
  const end = from + (count << 2);
  for (; from + 16 <= end; from += 16, to += 32) {
    const values = v128.load(from);
    v128.store(to, f64x2.promote_low_f32x4(values));
    v128.store(to, f64x2.promote_low_f32x4(v128.shuffle<f32>(values, values, 2, 3, 2, 3)), 16);
  }
  for (; from < end; from += 4, to += 8) store<f64>(to, load<f32>(from));
}

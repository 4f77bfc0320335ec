/** @file Gradients as multiples of one power of two, so that sums of them in float64 are exact. */

/** 1.5 times 2^52 times the power of two that a largest value in so many bits has for its last. */
function rounder(largest: f64, bits: i64): f64 {
  const exponent = <i64>((reinterpret<u64>(largest) >> 52) & 2047) + 1 - bits;
  // A power of two below what float64 has as a normal number: nothing to round.
  if (exponent < 1) return 0;
  return reinterpret<f64>((<u64>(exponent + 52)) << 52) * 1.5;
}

/**
 * The bits of the largest magnitudes of `count` pairs, an even number: of gradients in lane 0, of second derivatives in
 * lane 1. Bits of positive float32 are in the numbers' order, and those of NaN are above all.
 */
function largestOf(pairs: usize, count: usize): v128 {
  const magnitude = i32x4.splat(0x7fffffff);
  let most = i32x4.splat(0);
  for (let at = pairs; at < pairs + (count << 3); at += 16) {
    most = i32x4.max_s(most, v128.and(v128.load(at), magnitude));
  }
  return i32x4.max_s(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
}

/**
 * Rounds `count` pairs, an even number, to multiples of a power of two for gradients and of one for second derivatives, so
 * that sums of 2^(52 - bits) of them are exact in float64. As Xu et al. do on GPUs in XGBoost. Gives false where a number
 * isn't finite, and then rounds nothing.
 */
export function roundPairs(pairs: usize, count: usize, bits: i32): bool {
  const most = largestOf(pairs, count);
  const gradient = <f64>f32x4.extract_lane(most, 0);
  const second = <f64>f32x4.extract_lane(most, 1);
  if (!(gradient < Infinity && second < Infinity)) return false;
  const add = f64x2(rounder(gradient, <i64>bits), rounder(second, <i64>bits));
  for (let at = pairs; at < pairs + (count << 3); at += 16) {
    const both = v128.load(at);
    const first = f64x2.promote_low_f32x4(both);
    const next = f64x2.promote_low_f32x4(v128.shuffle<f32>(both, both, 2, 3, 2, 3));
    const low = f32x4.demote_f64x2_zero(f64x2.sub(f64x2.add(first, add), add));
    const high = f32x4.demote_f64x2_zero(f64x2.sub(f64x2.add(next, add), add));
    v128.store(at, v128.shuffle<f32>(low, high, 0, 1, 4, 5));
  }
  return true;
}

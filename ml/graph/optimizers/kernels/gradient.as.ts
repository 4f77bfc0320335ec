/**
 * @file What the kernels share: weight decay, sums of squares, clipping.
 *
 * All kernels work on float32 in one memory. Every pointer and every length in bytes is a multiple of 64, so there are
 * no tails: the entries that pad a parameter hold zeros and stay zeros. No kernel that moves parameters is called with a
 * gradient that isn't finite.
 */

/** Four entries of a gradient with `decay` times the parameter added. The test costs less than adding zeros would. */
export function decayed(gradient: v128, parameter: v128, decay: f32): v128 {
  return decay == 0 ? gradient : f32x4.add(gradient, f32x4.mul(f32x4.splat(decay), parameter));
}

/** The squares of the first two of four numbers. */
function lowSquares(values: v128): v128 {
  const low = f64x2.promote_low_f32x4(values);
  return f64x2.mul(low, low);
}

/** The squares of the last two of four numbers. */
function highSquares(values: v128): v128 {
  return lowSquares(v128.shuffle<f32>(values, values, 2, 3, 2, 3));
}

/** Adds the squares of four numbers, in float64, to two running sums. */
export function addSquares(sums: v128, values: v128): v128 {
  return f64x2.add(sums, f64x2.add(lowSquares(values), highSquares(values)));
}

/** Both halves of two running sums. */
export function total(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/**
 * The sum of squares of `bytes / 4` numbers, in float64: finite exactly when all of them are, since the square of the
 * largest float32 is far from float64's limit.
 */
export function sumOfSquares(start: usize, bytes: usize): f64 {
  const end = start + bytes;
  let first = f64x2.splat(0);
  let second = f64x2.splat(0);
  let third = f64x2.splat(0);
  let fourth = f64x2.splat(0);
  for (let pointer = start; pointer < end; pointer += 64) {
    first = addSquares(first, v128.load(pointer));
    second = addSquares(second, v128.load(pointer, 16));
    third = addSquares(third, v128.load(pointer, 32));
    fourth = addSquares(fourth, v128.load(pointer, 48));
  }
  return total(f64x2.add(f64x2.add(first, second), f64x2.add(third, fourth)));
}

/** Multiplies `bytes / 4` numbers by a factor. */
export function scaleAll(start: usize, bytes: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  const end = start + bytes;
  for (let pointer = start; pointer < end; pointer += 16) {
    v128.store(pointer, f32x4.mul(v128.load(pointer), factors));
  }
}

/** Holds `bytes / 4` numbers, none of them NaN, between -limit and limit. */
export function clampAll(start: usize, bytes: usize, limit: f32): void {
  const highest = f32x4.splat(limit);
  const lowest = f32x4.splat(-limit);
  const end = start + bytes;
  for (let pointer = start; pointer < end; pointer += 16) {
    v128.store(pointer, f32x4.pmax(f32x4.pmin(v128.load(pointer), highest), lowest));
  }
}

/** @file The number next to another: `x <= t` is `x < nextUp(t)`. */

const float32 = new Float32Array(1);
const float32Bits = new Int32Array(float32.buffer);
const float64 = new Float64Array(1);
const float64Bits = new BigInt64Array(float64.buffer);

/** The smallest number of a precision above a number of it (IEEE 754's nextUp); NaN above infinity. */
export function nextUp(value: number, precision: "float32" | "float64"): number {
  if (Number.isNaN(value) || value === Number.POSITIVE_INFINITY) return Number.NaN;
  const positive = value === 0 ? 0 : value;
  if (precision === "float32") {
    float32[0] = positive;
    float32Bits[0] = (float32Bits[0] ?? 0) + (positive < 0 ? -1 : 1);
    return float32[0];
  }
  float64[0] = positive;
  float64Bits[0] = (float64Bits[0] ?? 0n) + (positive < 0 ? -1n : 1n);
  return float64[0];
}

/** The largest number of a precision below a number of it; NaN below −infinity. */
export function nextDown(value: number, precision: "float32" | "float64"): number {
  return -nextUp(-value, precision);
}

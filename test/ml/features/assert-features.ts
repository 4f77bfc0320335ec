import { AssertionError } from "node:assert/strict";

/**
 * Throws unless two lists have one length and no pair differs by more than a tolerance, of the value where that is above
 * 1; NaN equals NaN.
 */
export function assertSameFeatures(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what = "features",
  tolerance = 1e-6,
): void {
  if (actual.length !== expected.length)
    throw new AssertionError({ message: `${what}: ${actual.length} values, expected ${expected.length}` });
  for (let at = 0; at < expected.length; at++) {
    const [a = 0, b = 0] = [actual[at], expected[at]];
    if (Object.is(a, b) || a === b) continue;
    if (!(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b))))
      throw new AssertionError({ message: `${what}[${at}]: ${a}, expected ${b}` });
  }
}

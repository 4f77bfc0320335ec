import { AssertionError } from "node:assert/strict";

/** Throws unless two lists have one length and differ nowhere by more than `tolerance`. */
export function assertCloseTo(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "values",
): void {
  if (actual.length !== expected.length) {
    throw new AssertionError({ message: `${what}: ${actual.length} values, expected ${expected.length}` });
  }
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs((actual[index] ?? Number.NaN) - (expected[index] ?? Number.NaN));
    if (!(difference <= tolerance)) {
      throw new AssertionError({
        message: `${what}[${index}]: ${actual[index]} differs from ${expected[index]} by ${difference}`,
      });
    }
  }
}

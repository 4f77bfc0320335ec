import { AssertionError } from "node:assert/strict";

/** Throws unless ‖actual - expected‖ ≤ tolerance · ‖expected‖, of lists of one length. */
export function assertNormClose(
  actual: ArrayLike<number | bigint>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "values",
): void {
  if (actual.length !== expected.length)
    throw new AssertionError({ message: `${what}: ${actual.length} values, expected ${expected.length}` });
  let difference = 0;
  let size = 0;
  for (let index = 0; index < expected.length; index++) {
    difference += (Number(actual[index]) - (expected[index] ?? Number.NaN)) ** 2;
    size += (expected[index] ?? Number.NaN) ** 2;
  }
  const ratio = Math.sqrt(difference / size);
  if (!(ratio <= tolerance))
    throw new AssertionError({
      message: `${what}: differs by ${ratio} of the norm, at most ${tolerance} is right`,
    });
}

/** @file What a test of a difference says. */
import { incompleteBeta } from "../../special-functions.ts";
import { InvalidInputError } from "../../errors.ts";

/** The result of a test. */
export interface TestResult {
  readonly statistic: number;
  /** How likely a statistic at least as extreme is where nothing differs; two-sided. */
  readonly pValue: number;
}

/** The two-sided p-value of Student's t. */
export function tTwoSided(t: number, degrees: number): number {
  if (Math.abs(t) === Number.POSITIVE_INFINITY) return 0;
  const squared = t * t;
  const sum = degrees + squared;
  return incompleteBeta(degrees / sum, squared / sum, degrees / 2, 0.5);
}

/** A difference by its standard error: 0 for no difference, whatever the error. */
export function ratioOf(difference: number, error: number): number {
  return difference === 0 ? 0 : difference / error;
}

/** Throws {@link InvalidInputError} where a number isn't finite. */
export function checkFinite(what: string, values: readonly number[]): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new InvalidInputError(`${what} ${at} is ${values[at]}, which isn't finite`);
}

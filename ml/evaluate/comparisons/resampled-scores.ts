/** @file Tests of whether two methods learn equally well, by the scores that each has on the same resampled rows. */
import { InvalidInputError } from "../../errors.ts";
import { fAbove } from "../../special-functions.ts";
import { checkFinite, ratioOf, tTwoSided, type TestResult } from "./comparison.ts";

/** The differences of two scores in each half of five random halvings. */
export type FiveByTwo = readonly (readonly [number, number])[];

/**
 * Dietterich's 5x2cv t-test (1998): rows are halved at random five times, both methods learn on each half and are scored on
 * the other. It has 5 degrees of freedom. As mlxtend's `paired_ttest_5x2cv`.
 * @param differences the first method's score less the second's; scores that never differ have a p-value of 1
 * @throws {@link InvalidInputError} unless there are five finite pairs
 * @example splits: `repeated(5, (seed) => stratifiedKFold({ splits: 2, shuffle: true, seed }))`
 */
export function fiveByTwoT(differences: FiveByTwo): TestResult {
  const variances = variancesOf(differences);
  const error = Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0) / 5);
  const statistic = ratioOf(differences[0]?.[0] ?? 0, error);
  return { statistic, pValue: tTwoSided(statistic, 5) };
}

/**
 * Alpaydin's combined 5x2cv F-test (1999), which unlike the t-test doesn't depend on which half comes first. As mlxtend's
 * `combined_ftest_5x2cv`.
 * @throws {@link InvalidInputError} as {@link fiveByTwoT}
 */
export function fiveByTwoF(differences: FiveByTwo): TestResult {
  const variances = variancesOf(differences);
  const squares = differences.flat().reduce((sum, difference) => sum + difference ** 2, 0);
  const statistic = ratioOf(squares, 2 * variances.reduce((sum, variance) => sum + variance, 0));
  return { statistic, pValue: fAbove(statistic, 10, 5) };
}

function variancesOf(differences: FiveByTwo): number[] {
  if (differences.length !== 5 || differences.some((pair) => pair.length !== 2))
    throw new InvalidInputError(`5 pairs of differences are needed, not ${differences.length}`);
  checkFinite("difference", differences.flat());
  return differences.map(([a, b]) => (a - b) ** 2 / 2);
}

/** How many rows each score learnt from and was measured on. */
export interface ResampledRows {
  readonly trainRows: number;
  readonly testRows: number;
}

/**
 * The corrected resampled t-test of Nadeau and Bengio (2003): for the differences of two scores over the splits of a
 * (repeated) cross-validation, whose training rows overlap, the variance is multiplied by 1 / splits + testRows / trainRows.
 * @param differences the first method's score less the second's in each split; equal scores have a p-value of 1
 * @throws {@link InvalidInputError} for fewer than two differences, or numbers of rows below 1
 */
export function correctedResampledT(
  differences: readonly number[],
  { trainRows, testRows }: ResampledRows,
): TestResult {
  const count = differences.length;
  if (count < 2) throw new InvalidInputError(`there are ${count} differences: at least 2 are needed`);
  if (!(trainRows >= 1 && testRows >= 1))
    throw new InvalidInputError(
      `${trainRows} training rows and ${testRows} test rows: both must be from 1 up`,
    );
  checkFinite("difference", differences);
  const mean = differences.reduce((sum, each) => sum + each, 0) / count;
  const variance = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (count - 1);
  const statistic = ratioOf(mean, Math.sqrt(variance * (1 / count + testRows / trainRows)));
  return { statistic, pValue: tTwoSided(statistic, count - 1) };
}

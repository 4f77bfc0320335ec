import { InvalidInputError } from "../../errors.ts";
import { chiSquaredAbove, incompleteBeta } from "../../special-functions.ts";
import type { ClassTarget } from "../../target.ts";
import { plain } from "../classes/class-pairs.ts";
import type { TestResult } from "./comparison.ts";

/** Settings of {@link mcnemar}. */
export interface McnemarOptions {
  /** Whether the p-value is that of the binomial distribution; else of chi-squared. Yes where absent. */
  readonly exact?: boolean;
  /** Whether chi-squared is corrected for continuity (Edwards, 1948); yes where absent. */
  readonly correction?: boolean;
}

/** Where two classifiers differ. */
export interface McnemarResult extends TestResult {
  /** Rows that only the first said right. */
  readonly onlyFirst: number;
  /** Rows that only the second said right. */
  readonly onlySecond: number;
}

/**
 * McNemar's test (1947) of whether two classifiers are right equally often on the same test rows. The statistic is the smaller
 * count of rows that one of them alone has right, or chi-squared. As statsmodels' `mcnemar`; two that never differ have a
 * p-value of 1.
 * @throws {@link InvalidInputError} for no rows or unequal lengths
 */
export function mcnemar(
  truth: ClassTarget,
  first: ClassTarget,
  second: ClassTarget,
  { exact = true, correction = true }: McnemarOptions = {},
): McnemarResult {
  if (truth.length === 0) throw new InvalidInputError("there are no rows to evaluate");
  if (first.length !== truth.length || second.length !== truth.length)
    throw new InvalidInputError(
      `there are ${truth.length} true classes and ${first.length} and ${second.length} predicted ones: they must be equal`,
    );
  let [onlyFirst, onlySecond] = [0, 0];
  for (let row = 0; row < truth.length; row++) {
    const right = plain(truth[row]);
    const [a, b] = [plain(first[row]) === right, plain(second[row]) === right];
    if (a && !b) onlyFirst += 1;
    if (b && !a) onlySecond += 1;
  }
  const differing = onlyFirst + onlySecond;
  if (differing === 0) return { onlyFirst, onlySecond, statistic: 0, pValue: 1 };
  if (exact) {
    const fewer = Math.min(onlyFirst, onlySecond);
    // The binomial distribution's sum up to `fewer` (DLMF 8.17.5).
    const tail = fewer === differing ? 1 : incompleteBeta(0.5, 0.5, differing - fewer, fewer + 1);
    return { onlyFirst, onlySecond, statistic: fewer, pValue: Math.min(1, 2 * tail) };
  }
  const statistic = (Math.abs(onlyFirst - onlySecond) - (correction ? 1 : 0)) ** 2 / differing;
  return { onlyFirst, onlySecond, statistic, pValue: chiSquaredAbove(statistic, 1) };
}

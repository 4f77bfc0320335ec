/** @file Wilcoxon's signed-rank test (1945). */
import { InvalidInputError } from "../../errors.ts";
import { twoSided } from "../../normal-distribution.ts";
import { checkFinite, type TestResult } from "./comparison.ts";

/**
 * Whether paired differences, such as those of two scores on many data sets, are symmetric about zero. Differences of zero are
 * left out. As SciPy's `wilcoxon`: exact up to 50 differences without ties and zeros, and up to 13 with them; else normal. The statistic is the smaller sum of ranks.
 * @throws {@link InvalidInputError} for no differences, or ones that aren't finite
 */
export function wilcoxon(differences: readonly number[]): TestResult {
  if (differences.length === 0) throw new InvalidInputError("there are no differences to test");
  checkFinite("difference", differences);
  const sorted = differences.filter((each) => each !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  if (sorted.length === 0) return { statistic: 0, pValue: 1 };
  const { ranks, ties } = ranksOf(sorted.map(Math.abs));
  let positive = 0;
  for (const [at, rank] of ranks.entries()) if ((sorted[at] ?? 0) > 0) positive += rank;
  const count = sorted.length;
  const statistic = Math.min(positive, (count * (count + 1)) / 2 - positive);
  const isPlain = ties === 0 && count === differences.length;
  if (differences.length <= (isPlain ? 50 : 13)) return { statistic, pValue: exactly(ranks, statistic) };
  const mean = (count * (count + 1)) / 4;
  const error = Math.sqrt((count * (count + 1) * (2 * count + 1) - ties / 2) / 24);
  return { statistic, pValue: twoSided((positive - mean) / error) };
}

/** Ranks of ascending values from 1 up, the mean rank for equal ones; ties are the sum of t³ - t over runs of t equals. */
function ranksOf(values: readonly number[]): { readonly ranks: number[]; readonly ties: number } {
  const ranks: number[] = [];
  let ties = 0;
  while (ranks.length < values.length) {
    const start = ranks.length;
    let end = start;
    while (values[end] === values[start] && end < values.length) end += 1;
    for (let at = start; at < end; at++) ranks.push((start + end + 1) / 2);
    ties += (end - start) ** 3 - (end - start);
  }
  return { ranks, ties };
}

/** Twice the chance that the sum of the ranks of random signs is at most the given one, at most 1. */
function exactly(ranks: readonly number[], statistic: number): number {
  // Doubled ranks are whole; chances[s] is that of a sum of s.
  let chances = Float64Array.of(1);
  for (const rank of ranks) {
    const next = new Float64Array(chances.length + 2 * rank);
    for (let sum = 0; sum < chances.length; sum++) {
      const half = (chances[sum] ?? 0) / 2;
      next[sum] = (next[sum] ?? 0) + half;
      next[sum + 2 * rank] = (next[sum + 2 * rank] ?? 0) + half;
    }
    chances = next;
  }
  const tail = chances.subarray(0, 2 * statistic + 1).reduce((sum, chance) => sum + chance, 0);
  return Math.min(1, 2 * tail);
}

/** @file Discounted cumulative gain (Järvelin and Kekäläinen, 2002). Definitions follow scikit-learn's. */
import { InvalidInputError } from "../../errors.ts";
import type { Numbers } from "../numbers/number-pairs.ts";
import type { Scores } from "../scores.ts";
import { meanOver, rankedQueries, type FirstOptions } from "./ranked-queries.ts";

/** Settings of {@link dcg}. */
export interface DcgOptions extends FirstOptions {
  /** Base of the logarithm that discounts; 2 where absent. */
  readonly logBase?: number;
}

/**
 * Discounted cumulative gain, the mean over queries: the relevances, each divided by the logarithm of its rank plus one. Rows
 * of equal score share the mean of their ranks' discounts. As scikit-learn's `dcg_score`.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, NaN
 */
export function dcg(
  relevance: Numbers,
  scores: Scores,
  { logBase = 2, ...options }: DcgOptions = {},
): number {
  if (!(logBase > 0 && logBase !== 1))
    throw new InvalidInputError(`logBase must be a number above 0 other than 1, not ${logBase}`);
  const k = options.k ?? Number.POSITIVE_INFINITY;
  return (
    meanOver(rankedQueries(relevance, scores, options), (query) => gain(query.relevance, query.scores, k)) *
    Math.log(logBase)
  );
}

/**
 * Discounted cumulative gain as a share of that of the best ranking, the mean over queries; a query without relevant rows
 * counts 0. As scikit-learn's `ndcg_score`.
 * @throws {@link InvalidInputError} as {@link dcg}, and for relevances below 0
 */
export function ndcg(relevance: Numbers, scores: Scores, options: FirstOptions = {}): number {
  const k = options.k ?? Number.POSITIVE_INFINITY;
  const row = relevance.findIndex((value) => value < 0);
  if (row >= 0) throw new InvalidInputError(`the relevance of row ${row} is ${relevance[row]}, below 0`);
  return meanOver(rankedQueries(relevance, scores, options), (query) => {
    const best = query.relevance.toSorted().toReversed();
    const ideal = gain(best, best, k);
    return ideal === 0 ? 0 : gain(query.relevance, query.scores, k) / ideal;
  });
}

/** The sum of relevances by the natural logarithm of their rank plus one; equal scores share discounts. */
function gain(relevance: Float64Array, scores: Float64Array, k: number): number {
  let sum = 0;
  for (let start = 0; start < relevance.length && start < k;) {
    let end = start;
    let shared = 0;
    let discounts = 0;
    while (end < relevance.length && scores[end] === scores[start]) {
      shared += relevance[end] ?? 0;
      if (end < k) discounts += 1 / Math.log(end + 2);
      end += 1;
    }
    sum += (shared / (end - start)) * discounts;
    start = end;
  }
  return sum;
}

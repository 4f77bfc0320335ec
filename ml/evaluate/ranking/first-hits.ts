/** @file Measures of rankings whose rows are relevant or not (1 or 0), each the mean over queries. */
import type { Numbers } from "../numbers/number-pairs.ts";
import type { Scores } from "../scores.ts";
import { averagePrecision } from "../classes/threshold-curves.ts";
import { binaryQueries, meanOver, type FirstOptions, type RankingOptions } from "./ranked-queries.ts";

/**
 * The mean over queries of their average precision; a query without relevant rows counts 0. Rows of equal score are one
 * step, as in {@link averagePrecision}.
 */
export function meanAveragePrecision(
  relevance: Numbers,
  scores: Scores,
  options: RankingOptions = {},
): number {
  return meanOver(binaryQueries(relevance, scores, options), (query) =>
    query.relevance.includes(1) ? averagePrecision(query.relevance, query.scores) : 0,
  );
}

/** The mean over queries of 1 / rank of the first relevant row; 0 for a query without one (among the first `k`). */
export function meanReciprocalRank(relevance: Numbers, scores: Scores, options: FirstOptions = {}): number {
  return meanOver(binaryQueries(relevance, scores, options), (query) => {
    const first = query.relevance.indexOf(1);
    return first < 0 || first >= (options.k ?? Number.POSITIVE_INFINITY) ? 0 : 1 / (first + 1);
  });
}

/** The share of relevant rows among the first `k`, of `k` even where a query has fewer rows. */
export function precisionAtK(
  relevance: Numbers,
  scores: Scores,
  options: FirstOptions & { readonly k: number },
): number {
  return meanOver(
    binaryQueries(relevance, scores, options),
    (query) => hits(query.relevance, options.k) / options.k,
  );
}

/** Of a query's relevant rows, the share among the first `k`; 0 for a query without any. */
export function recallAtK(
  relevance: Numbers,
  scores: Scores,
  options: FirstOptions & { readonly k: number },
): number {
  return meanOver(
    binaryQueries(relevance, scores, options),
    (query) => hits(query.relevance, options.k) / Math.max(1, hits(query.relevance, query.relevance.length)),
  );
}

/** The share of queries with a relevant row among the first `k`. */
export function hitRate(
  relevance: Numbers,
  scores: Scores,
  options: FirstOptions & { readonly k: number },
): number {
  return meanOver(binaryQueries(relevance, scores, options), (query) =>
    hits(query.relevance, options.k) > 0 ? 1 : 0,
  );
}

function hits(relevance: Float64Array, k: number): number {
  return relevance.subarray(0, k).reduce((sum, each) => sum + each, 0);
}

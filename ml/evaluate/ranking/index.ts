/** @file Measures of rankings. */
export { dcg, ndcg, type DcgOptions } from "./discounted-gain.ts";
export { hitRate, meanAveragePrecision, meanReciprocalRank, precisionAtK, recallAtK } from "./first-hits.ts";
export type { FirstOptions, RankingOptions } from "./ranked-queries.ts";

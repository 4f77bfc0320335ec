/** @file What was asked for, ranked by score, query by query. */
import { InvalidInputError } from "../../errors.ts";
import { requireCount } from "../../settings.ts";
import type { ClassTarget } from "../../target.ts";
import { byFallingScore } from "../order.ts";
import type { Scores } from "../scores.ts";
import { codesOf } from "../splits/codes.ts";
import type { Numbers } from "../numbers/number-pairs.ts";

/** Settings of measures of rankings. */
export interface RankingOptions {
  /** The query that each row belongs to; all rows are of one query where absent. */
  readonly queries?: ClassTarget;
}

/** Settings of measures that look at the first rows of a ranking. */
export interface FirstOptions extends RankingOptions {
  /** How many of the first rows count; all where absent. */
  readonly k?: number;
}

/** The rows of a query by falling score; of equal scores the earlier row comes first. */
export interface RankedQuery {
  readonly relevance: Float64Array;
  readonly scores: Float64Array;
}

/**
 * The rows of each query, ranked.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, numbers that aren't finite, scores that are NaN
 */
export function rankedQueries(
  relevance: Numbers,
  scores: Scores,
  { queries, k }: FirstOptions,
): readonly RankedQuery[] {
  const rows = relevance.length;
  if (rows === 0) throw new InvalidInputError("there are no rows to evaluate");
  if (scores.length !== rows)
    throw new InvalidInputError(
      `there are ${rows} relevances and ${scores.length} scores: they must be equal`,
    );
  if (k !== undefined) requireCount("k", k);
  for (let row = 0; row < rows; row++) {
    if (!Number.isFinite(relevance[row]))
      throw new InvalidInputError(`the relevance of row ${row} is ${relevance[row]}, which isn't finite`);
    if (Number.isNaN(scores[row])) throw new InvalidInputError(`the score of row ${row} is NaN`);
  }
  const { codes, counts } =
    queries === undefined
      ? { codes: new Uint32Array(rows), counts: Uint32Array.of(rows) }
      : codesOf("queries", queries, rows);
  const ranked = Array.from(counts, (count) => ({
    relevance: new Float64Array(count),
    scores: new Float64Array(count),
  }));
  const places = new Uint32Array(counts.length);
  for (const row of byFallingScore(scores)) {
    const code = codes[row] ?? 0;
    const place = places[code] ?? 0;
    places[code] = place + 1;
    const query = ranked[code];
    if (!query) continue;
    query.relevance[place] = relevance[row] ?? 0;
    query.scores[place] = scores[row] ?? 0;
  }
  return ranked;
}

/** As {@link rankedQueries}, for relevances that must be 0 or 1. */
export function binaryQueries(
  relevance: Numbers,
  scores: Scores,
  options: FirstOptions,
): readonly RankedQuery[] {
  const row = relevance.findIndex((value) => value !== 0 && value !== 1);
  if (row >= 0)
    throw new InvalidInputError(`the relevance of row ${row} is ${relevance[row]}, neither 0 nor 1`);
  return rankedQueries(relevance, scores, options);
}

/** The mean over queries. */
export function meanOver(queries: readonly RankedQuery[], of: (query: RankedQuery) => number): number {
  return queries.reduce((sum, query) => sum + of(query), 0) / queries.length;
}

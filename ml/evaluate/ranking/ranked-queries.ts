/** @file What was asked for, ranked by score, query by query. */
import { InvalidInputError } from "../../errors.ts";
import { requireCount } from "../../settings.ts";
import type { ClassTarget } from "../../target.ts";
import { byFallingScore } from "../order.ts";
import type { Scores } from "../scores.ts";
import { codesOf } from "../codes.ts";
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
  const starts = new Uint32Array(counts.length);
  for (let query = 1; query < counts.length; query++)
    starts[query] = (starts[query - 1] ?? 0) + (counts[query - 1] ?? 0);
  const places = starts.slice();
  const [relevances, given] = [new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row++) {
    const code = codes[row] ?? 0;
    const place = places[code] ?? 0;
    places[code] = place + 1;
    relevances[place] = relevance[row] ?? 0;
    given[place] = scores[row] ?? 0;
  }
  return Array.from(counts, (count, query) => {
    const start = starts[query] ?? 0;
    return ranked(relevances.subarray(start, start + count), given.subarray(start, start + count));
  });
}

const fewRows = 150;

function ranked(relevance: Float64Array, scores: Float64Array): RankedQuery {
  if (scores.length <= fewRows) {
    sortFew(relevance, scores);
    return { relevance, scores };
  }
  const order =
    scores.length <= 1000
      ? Uint32Array.from(scores.keys()).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
      : byFallingScore(scores);
  return {
    relevance: Float64Array.from(order, (row) => relevance[row] ?? 0),
    scores: Float64Array.from(order, (row) => scores[row] ?? 0),
  };
}

/** Sorts both by falling score, stable: by insertion, which is the fastest for few. */
function sortFew(relevance: Float64Array, scores: Float64Array): void {
  for (let at = 1; at < scores.length; at++) {
    const [grade, score] = [relevance[at] ?? 0, scores[at] ?? 0];
    let place = at;
    for (; place > 0 && (scores[place - 1] ?? 0) < score; place--) {
      scores[place] = scores[place - 1] ?? 0;
      relevance[place] = relevance[place - 1] ?? 0;
    }
    scores[place] = score;
    relevance[place] = grade;
  }
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

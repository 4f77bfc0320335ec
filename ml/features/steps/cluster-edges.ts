/**
 * @file k-means on one column: Lloyd's algorithm, each step one aggregate query.
 *
 * In one dimension a cluster is an interval between the middles of neighbouring means, so a step needs only the counts
 * and sums of intervals.
 */
import * as v from "valibot";
import { toNumber } from "../fit-queries.ts";
import { sqlInterval, sqlNumbers } from "../sql.ts";
import type { FitQueries } from "../step.ts";

/** scikit-learn's KMeans ends after as many. */
const mostSteps = 300;
const farthest = v.array(v.number());

/**
 * The edges of the bins of k-means that begins at the middles of bins of one width, as scikit-learn's KBinsDiscretizer
 * does; a cluster that has lost all its values goes to the value that is farthest from its mean, as in KMeans.
 */
export async function clusterEdges(
  x: string,
  bins: number,
  low: number,
  high: number,
  queries: FitQueries,
): Promise<readonly number[]> {
  const [variance] = await queries.aggregate([`var_pop(${x})`]);
  const tolerance = toNumber(variance) * 1e-4;
  let means = Array.from({ length: bins }, (_, at) => low + ((high - low) * (at + 0.5)) / bins);
  let counts: readonly number[] = [];
  for (let step = 0; step < mostSteps; step++) {
    const found = await assign(x, means, queries);
    const moved = found.means.toSorted((a, b) => a - b);
    const shift = moved.reduce((sum, mean, at) => sum + (mean - (means[at] ?? 0)) ** 2, 0);
    const isSame = found.counts.every((count, at) => count === counts[at]);
    means = moved;
    counts = found.counts;
    if (isSame || shift <= tolerance) break;
  }
  return [low, ...middles(means), high];
}

function middles(means: readonly number[]): number[] {
  return means.slice(1).map((mean, at) => (mean + (means[at] ?? 0)) / 2);
}

/** One step: the values of each cluster counted and averaged. */
async function assign(
  x: string,
  means: readonly number[],
  queries: FitQueries,
): Promise<{ readonly means: readonly number[]; readonly counts: readonly number[] }> {
  // A value between two means belongs to the lower one, as KMeans has it.
  const cluster = sqlInterval(x, middles(means), "<=");
  const rows = await queries.rows(
    (from) =>
      `SELECT ${cluster} AS cluster, count(*) AS count, sum(${x}) AS sum FROM ${from} WHERE ${x} IS NOT NULL GROUP BY cluster`,
  );
  const counts = means.map(() => 0);
  const sums = means.map(() => 0);
  for (const { cluster: at, count, sum } of rows) {
    counts[toNumber(at)] = toNumber(count);
    sums[toNumber(at)] = toNumber(sum);
  }
  const empty = counts.flatMap((count, at) => (count === 0 ? [at] : []));
  if (empty.length > 0) await relocate(x, means, empty, counts, sums, queries);
  return { means: sums.map((sum, at) => sum / (counts[at] ?? 1)), counts };
}

/** Moves the value that is farthest from its mean into each empty cluster. */
async function relocate(
  x: string,
  means: readonly number[],
  empty: readonly number[],
  counts: number[],
  sums: number[],
  queries: FitQueries,
): Promise<void> {
  const clusterOf = (value: number): number => middles(means).filter((middle) => middle < value).length;
  const mean = `${sqlNumbers(means)}[${sqlInterval(x, middles(means), "<=")} + 1]`;
  const [found] = await queries.aggregate([`arg_max(${x}, abs(${x} - ${mean}), ${empty.length})`]);
  for (const [index, value] of v.parse(farthest, found).entries()) {
    const [to = 0, out] = [empty[index], clusterOf(value)];
    counts[to] = 1;
    sums[to] = value;
    counts[out] = (counts[out] ?? 0) - 1;
    sums[out] = (sums[out] ?? 0) - value;
  }
}

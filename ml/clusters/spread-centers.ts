/**
 * @file Where k-means begins: k-means++ (Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", 2007),
 * greedy, as scikit-learn's: of `2 + ln k` candidates each time the one that leaves the least sum of squares.
 */
import type { DenseMatrix } from "../dense-matrix.ts";
import { mostQueries } from "../distances/packed-rows.ts";
import type { Random } from "../random.ts";
import type { Turns } from "../turns.ts";
import { CenterDistances } from "./center-distances.ts";

/** Centers, one after the other: rows that are far from each other. `weights` tells how much each row counts. */
export async function spreadCenters(
  matrix: DenseMatrix,
  count: number,
  weights: Float64Array | undefined,
  random: Random,
  turns: Turns,
): Promise<Float64Array> {
  const { rows, columns, data } = matrix;
  const width = columns.length;
  const trials = 2 + Math.floor(Math.log(count));
  const measure = new CenterDistances(trials, width);
  const centers = new Float64Array(count * width);
  const nearest = new Float64Array(rows).fill(Infinity);
  const chances = weights?.slice() ?? new Float64Array(rows).fill(1);
  for (let center = 0; center < count; center++) {
    const candidates = drawn(chances, center === 0 ? 1 : trials, random);
    const packed = new Float64Array(candidates.length * width);
    for (const [at, row] of candidates.entries())
      packed.set(data.subarray(row * width, (row + 1) * width), at * width);
    measure.place(packed);
    const sums = new Float64Array(candidates.length);
    const each = async (
      visit: (row: number, distances: Float64Array, start: number) => void,
    ): Promise<void> => {
      for (let first = 0; first < rows; first += mostQueries) {
        const taken = Math.min(mostQueries, rows - first);
        for (let at = 0; at < taken; at++) measure.take(at, matrix, first + at);
        const distances = measure.measure(taken, candidates.length);
        for (let at = 0; at < taken; at++) visit(first + at, distances, at * candidates.length);
        if (turns.due) await turns.give();
      }
    };
    if (candidates.length > 1)
      await each((row, distances, start) => {
        const weight = weights ? (weights[row] ?? 0) : 1;
        for (let at = 0; at < sums.length; at++)
          sums[at] = (sums[at] ?? 0) + weight * Math.min(nearest[row] ?? 0, distances[start + at] ?? 0);
      });
    const best = sums.indexOf(Math.min(...sums));
    await each((row, distances, start) => {
      const distance = Math.min(nearest[row] ?? 0, distances[start + best] ?? 0);
      nearest[row] = distance;
      chances[row] = weights ? distance * (weights[row] ?? 0) : distance;
    });
    centers.set(packed.subarray(best * width, (best + 1) * width), center * width);
  }
  return centers;
}

/** Rows drawn by their chances. */
function drawn(chances: Float64Array, count: number, random: Random): number[] {
  const total = chances.reduce((sum, chance) => sum + chance, 0);
  const marks = Array.from({ length: count }, () => random.uniform() * total).sort((a, b) => a - b);
  const rows: number[] = [];
  let sum = 0;
  let last = 0;
  for (let row = 0; row < chances.length && rows.length < count; row++) {
    const chance = chances[row] ?? 0;
    if (chance === 0) continue;
    last = row;
    sum += chance;
    while (rows.length < count && sum > (marks[rows.length] ?? 0)) rows.push(row);
  }
  // Without any chance left, all rows are centers already: any will do.
  while (rows.length < count) rows.push(last);
  return rows;
}

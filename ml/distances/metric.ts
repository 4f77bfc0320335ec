/**
 * @file Distances as searches have them: reduced, in the same order as those that a metric tells and cheaper.
 *
 * Reduced are the squared Euclidean distance, the Manhattan distance itself, and for the cosine distance the squared
 * Euclidean one of rows that were scaled to length 1: it is twice the cosine distance, and 0 for equal rows exactly.
 */
import type { DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";

/** How distances are measured: `cosine` is 1 less the cosine of the angle between rows. */
export type Metric = (typeof metrics)[number];

/** All metrics. */
export const metrics = ["euclidean", "manhattan", "cosine"] as const;

/** Throws {@link InvalidInputError} unless a setting is a metric. */
export function requireMetric(metric: Metric): void {
  if (!metrics.includes(metric))
    throw new InvalidInputError(`metric must be one of ${metrics.join(", ")}, not ${metric}`);
}

/** The squares of larger numbers, and sums of them, may be more than doubles hold. */
const mostSize = 1e150;

/** Throws {@link InvalidInputError} where a number is so large that no distance from it can be told. */
export function checkSizes({ data, columns }: DenseMatrix): void {
  const at = data.findIndex((value) => Math.abs(value) > mostSize);
  if (at >= 0)
    throw new InvalidInputError(
      `column "${columns[at % columns.length]}" holds ${data[at]} in row ${Math.floor(at / columns.length)}, which is too large for distances: scale the column`,
    );
}

/**
 * A copy of a matrix's rows in doubles, scaled to length 1 for the cosine distance.
 * @throws {@link InvalidInputError} for numbers beyond 1e150, and under the cosine distance for a row of zeros, which has no
 *   direction
 */
export function rowsFor(metric: Metric, matrix: DenseMatrix): Float64Array {
  checkSizes(matrix);
  const { data, rows, columns } = matrix;
  const numbers = new Float64Array(data);
  if (metric !== "cosine") return numbers;
  const width = columns.length;
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * width, (row + 1) * width];
    let sum = 0;
    for (let at = from; at < to; at++) sum += (numbers[at] ?? 0) ** 2;
    if (!(sum > 0 && sum < Infinity))
      throw new InvalidInputError(`row ${row} has no direction, which the cosine distance needs`);
    const length = Math.sqrt(sum);
    for (let at = from; at < to; at++) numbers[at] = (numbers[at] ?? 0) / length;
  }
  return numbers;
}

/** The distance that the metric tells. */
export function distanceOf(metric: Metric, reduced: number): number {
  if (metric === "euclidean") return Math.sqrt(reduced);
  return metric === "cosine" ? reduced / 2 : reduced;
}

/** The reduced distance. */
export function reducedOf(metric: Metric, distance: number): number {
  if (metric === "euclidean") return distance * distance;
  return metric === "cosine" ? 2 * distance : distance;
}

/** @file Least squares by singular value decompositions, for columns that depend on each other or are more than the rows. */
import { triangleOf } from "../orthonormal.ts";
import { thinSvd } from "../thin-svd.ts";
import type { Turns } from "../turns.ts";
import type { Centre, LeastSquaresProblem } from "./least-squares.ts";

/**
 * The coefficients of least norm for at least as many rows as columns: the triangle of the centred rows with their target
 * is kept up to date block by block, then its singular values are found. The penalty is rows of its own.
 */
export async function tallLeastSquares(
  { matrix, target, weights }: LeastSquaresProblem,
  centre: Centre,
  alpha: number,
  turns: Turns,
): Promise<Float64Array> {
  const { data, rows, columns } = matrix;
  const width = columns.length;
  const size = width + 1;
  const blockRows = Math.max(256, 4 * size);
  const length = size + blockRows;
  // Vectors are columns: the triangle so far, then the block.
  let triangle: Float64Array = new Float64Array(size * size);
  for (let at = 0; at < width; at++) triangle[at * size + at] = Math.sqrt(alpha);
  for (let first = 0; first < rows; first += blockRows) {
    await turns.give();
    const count = Math.min(blockRows, rows - first);
    const vectors = new Float64Array(size * length);
    for (let column = 0; column < size; column++)
      for (let row = 0; row < size; row++)
        vectors[column * length + row] = triangle[row * size + column] ?? 0;
    for (let row = 0; row < count; row++) {
      const scale = weights ? Math.sqrt(weights[first + row] ?? 0) : 1;
      const start = (first + row) * width;
      for (let column = 0; column < width; column++)
        vectors[column * length + size + row] =
          scale * ((data[start + column] ?? 0) - (centre.columns[column] ?? 0));
      vectors[width * length + size + row] = scale * ((target[first + row] ?? 0) - centre.target);
    }
    triangle = triangleOf(vectors, size, length);
  }
  const byColumn = new Float64Array(width * width);
  const rotated = new Float64Array(width);
  for (let row = 0; row < width; row++) {
    for (let column = 0; column < width; column++)
      byColumn[column * width + row] = triangle[row * size + column] ?? 0;
    rotated[row] = triangle[row * size + width] ?? 0;
  }
  const { values, left, right } = thinSvd(byColumn, width, width);
  const bound = (values[0] ?? 0) * Math.max(rows, width) * Number.EPSILON;
  const coefficients = new Float64Array(width);
  for (const [place, value] of values.entries()) {
    if (value <= bound) continue;
    const start = place * width;
    let share = 0;
    for (let at = 0; at < width; at++) share += (left[start + at] ?? 0) * (rotated[at] ?? 0);
    addScaled(coefficients, right, start, share / value);
  }
  return coefficients;
}

/** The coefficients of least norm for fewer rows than columns. */
export async function shortLeastSquares(
  { matrix, target, weights }: LeastSquaresProblem,
  centre: Centre,
  alpha: number,
  turns: Turns,
): Promise<Float64Array> {
  const { data, rows, columns } = matrix;
  const width = columns.length;
  await turns.give();
  const vectors = new Float64Array(rows * width);
  const goal = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const scale = weights ? Math.sqrt(weights[row] ?? 0) : 1;
    const start = row * width;
    for (let column = 0; column < width; column++)
      vectors[start + column] = scale * ((data[start + column] ?? 0) - (centre.columns[column] ?? 0));
    goal[row] = scale * ((target[row] ?? 0) - centre.target);
  }
  const { values, left, right } = thinSvd(vectors, rows, width);
  const bound = (values[0] ?? 0) * width * Number.EPSILON;
  const coefficients = new Float64Array(width);
  for (const [place, value] of values.entries()) {
    if (value <= bound) continue;
    let share = 0;
    for (let row = 0; row < rows; row++) share += (right[place * rows + row] ?? 0) * (goal[row] ?? 0);
    addScaled(coefficients, left, place * width, (share * value) / (value * value + alpha));
  }
  return coefficients;
}

function addScaled(to: Float64Array, from: Float64Array, start: number, factor: number): void {
  for (let at = 0; at < to.length; at++) to[at] = (to[at] ?? 0) + factor * (from[start + at] ?? 0);
}

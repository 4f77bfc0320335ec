/**
 * @file The computation behind truncated singular value decomposition, also known as latent semantic analysis where the
 * rows are texts (scikit-learn's `TruncatedSVD`): like principal components, but of data that isn't centred, and so can
 * stay sparse.
 */
import { InvalidInputError } from "../../errors.ts";
import { checkMatrix, type DenseMatrix } from "../../dense-matrix.ts";
import { checkSparse, isSparse, toDense, type SparseMatrix } from "../../sparse-matrix.ts";
import { denseMap } from "./linear-map.ts";
import { sparseMap } from "./sparse-map.ts";
import { randomizedSvd, type RightSvd } from "./randomized-svd.ts";
import { flipSigns } from "./signs.ts";
import { thinSvd } from "../../thin-svd.ts";

/** Directions of largest sum of squares, in descending order of their singular values. */
export interface SingularDirections {
  /** Orthonormal directions, one row for each component. */
  readonly components: Float64Array;
  readonly singularValues: Float64Array;
  /** The variance (divisor: rows) of what rows have along each. */
  readonly explainedVariance: Float64Array;
  /** Its share of all columns' variance. */
  readonly explainedVarianceRatio: Float64Array;
}

/** Iterations of the random projection: scikit-learn's default for this decomposition. */
const iterations = 5;

/** A matrix no larger than this is decomposed exactly, which costs milliseconds: its shorter side, and its numbers. */
const exactUpTo = 128;
const mostNumbers = 1_000_000;

/**
 * The `count` largest singular directions of a matrix: exact for a small one, else by random projection with
 * scikit-learn's number of iterations.
 * @throws {@link InvalidInputError} for numbers that aren't finite, no rows, or more directions than there can be
 */
export function singularDirections(
  matrix: DenseMatrix | SparseMatrix,
  count: number,
  seed = 0,
): SingularDirections {
  if (isSparse(matrix)) checkSparse(matrix);
  else checkMatrix(matrix);
  const { rows, columns } = matrix;
  const width = columns.length;
  const possible = Math.min(rows, width);
  if (!(Number.isInteger(count) && count >= 1 && count <= possible))
    throw new InvalidInputError(`there can be 1 to ${possible} components, not ${count}`);
  const map = isSparse(matrix) ? sparseMap(matrix) : denseMap(matrix);
  const { values, vectors } =
    possible <= exactUpTo && rows * width <= mostNumbers
      ? exactSvd(isSparse(matrix) ? toDense(matrix) : matrix, count)
      : randomizedSvd(map, count, iterations, seed);
  flipSigns(vectors, width);
  const along = map.multiply(vectors, count);
  const variances = Float64Array.from({ length: count }, (_, component) =>
    variance(along.subarray(component * rows, (component + 1) * rows)),
  );
  const total = totalVariance(matrix);
  return {
    components: vectors,
    singularValues: values,
    explainedVariance: variances,
    explainedVarianceRatio: variances.map((each) => (total > 0 ? each / total : 0)),
  };
}

function exactSvd({ data, rows, columns }: DenseMatrix, count: number): RightSvd {
  const width = columns.length;
  if (rows < width) {
    const { values, left } = thinSvd(Float64Array.from(data), rows, width);
    return { values: values.slice(0, count), vectors: left.slice(0, count * width) };
  }
  const byColumn = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++)
    for (let j = 0; j < width; j++) byColumn[j * rows + row] = data[row * width + j] ?? 0;
  const { values, right } = thinSvd(byColumn, width, rows);
  return { values: values.slice(0, count), vectors: right.slice(0, count * width) };
}

function variance(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

/** The sum of the columns' variances, zeros of sparse rows included. */
function totalVariance(matrix: DenseMatrix | SparseMatrix): number {
  const { data, rows, columns } = matrix;
  const width = columns.length;
  const columnOf: (at: number) => number = isSparse(matrix)
    ? (at) => matrix.indexes[at] ?? 0
    : (at) => at % width;
  const means = new Float64Array(width);
  for (let at = 0; at < data.length; at++) {
    const column = columnOf(at);
    means[column] = (means[column] ?? 0) + (data[at] ?? 0) / rows;
  }
  const counts = new Float64Array(width);
  let squares = 0;
  for (let at = 0; at < data.length; at++) {
    const column = columnOf(at);
    counts[column] = (counts[column] ?? 0) + 1;
    squares += ((data[at] ?? 0) - (means[column] ?? 0)) ** 2;
  }
  for (let column = 0; column < width; column++)
    squares += (rows - (counts[column] ?? 0)) * (means[column] ?? 0) ** 2;
  return squares / rows;
}

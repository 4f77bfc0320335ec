/**
 * @file The computation behind principal component analysis (Pearson 1901; scikit-learn's `PCA`).
 *
 * Which way is taken is decided by the data's shape, as scikit-learn's `svd_solver="auto"` does: tall data by the
 * covariances that one pass gathers, small data by an exact singular value decomposition, few components of large data by
 * random projection.
 */
import { InvalidInputError } from "../../errors.ts";
import { checkMatrix, type DenseMatrix } from "../../dense-matrix.ts";
import { denseMap } from "./linear-map.ts";
import { momentsOf, type Moments } from "./moments.ts";
import { randomizedSvd } from "./randomized-svd.ts";
import { flipSigns } from "./signs.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";
import { thinSvd } from "../../thin-svd.ts";

/** How many components there are to be. */
export interface ComponentCount {
  /** A number of components, or a share below 1 of the variance that they must explain; as many as there can be where absent. */
  readonly components?: number;
  /** For the random projection of large data; 0 where absent. */
  readonly seed?: number;
}

/** Directions of largest variance, in descending order of it. */
export interface PrincipalComponents {
  readonly means: Float64Array;
  /** Orthonormal directions, one row for each component. */
  readonly components: Float64Array;
  /** The variance along each, with divisor rows - 1. */
  readonly explainedVariance: Float64Array;
  /** Its share of all columns' variance. */
  readonly explainedVarianceRatio: Float64Array;
  readonly singularValues: Float64Array;
  /** The mean variance of the directions left out (Tipping and Bishop, "Probabilistic principal component analysis", 1999). */
  readonly noiseVariance: number;
}

/** The way that a shape asks for: scikit-learn's rule. */
export type Solver = "covariance" | "exact" | "randomized";

/**
 * The principal components of a matrix of at least two rows.
 * @throws {@link InvalidInputError} for numbers that aren't finite, too few rows, or more components than there can be
 */
export function principalComponents(
  matrix: DenseMatrix,
  { components, seed = 0 }: ComponentCount = {},
): PrincipalComponents {
  checkMatrix(matrix);
  const { rows, columns } = matrix;
  const width = columns.length;
  checkRows(rows);
  const asked = checkCount(components, Math.min(rows, width));
  const solver = chooseSolver(rows, width, asked);
  if (solver === "covariance") return componentsOfMoments(momentsOf(matrix), components);
  const { means, totalVariance } = meansAndVariance(matrix);
  if (solver === "exact") return exactComponents(matrix, means, components);
  const { values, vectors } = randomizedSvd(
    denseMap(matrix, means),
    asked,
    asked < 0.1 * Math.min(rows, width) ? 7 : 4,
    seed,
  );
  const variances = values.map((value) => (value * value) / (rows - 1));
  flipSigns(vectors, width);
  const left = Math.min(rows, width) - asked;
  return {
    means,
    components: vectors,
    explainedVariance: variances,
    explainedVarianceRatio: variances.map((variance) => variance / totalVariance),
    singularValues: values,
    noiseVariance: left > 0 ? (totalVariance - sum(variances)) / left : 0,
  };
}

/**
 * The same from gathered moments, for data that never stands in memory as a whole.
 * @throws {@link InvalidInputError} for fewer than two rows, or more components than there can be
 */
export function componentsOfMoments(
  { rows, means, products }: Moments,
  count: number | undefined,
): PrincipalComponents {
  checkRows(rows);
  const width = means.length;
  checkCount(count, Math.min(rows, width));
  const { values, vectors } = symmetricEigen(
    products.map((product) => product / (rows - 1)),
    width,
  );
  const variances = values.map((value) => Math.max(0, value));
  return chosen(means, vectors, variances, rows, count);
}

function exactComponents(
  { data, rows, columns }: DenseMatrix,
  means: Float64Array,
  count: number | undefined,
): PrincipalComponents {
  const width = columns.length;
  const isTall = rows >= width;
  const centred = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      const place = isTall ? column * rows + row : row * width + column;
      centred[place] = (data[row * width + column] ?? 0) - (means[column] ?? 0);
    }
  }
  const { values, left, right } = thinSvd(centred, Math.min(rows, width), Math.max(rows, width));
  const variances = values.map((value) => (value * value) / (rows - 1));
  return chosen(means, isTall ? right : left, variances, rows, count);
}

/** Keeps the components that were asked for, of all that were found. */
function chosen(
  means: Float64Array,
  vectors: Float64Array,
  variances: Float64Array,
  rows: number,
  count: number | undefined,
): PrincipalComponents {
  const width = means.length;
  const possible = Math.min(rows, width);
  const total = sum(variances);
  const ratios = variances.map((variance) => (total > 0 ? variance / total : 0));
  const kept = count === undefined ? possible : count < 1 ? countForShare(ratios, count) : count;
  const components = vectors.slice(0, kept * width);
  flipSigns(components, width);
  const left = variances.subarray(kept);
  return {
    means,
    components,
    explainedVariance: variances.slice(0, kept),
    explainedVarianceRatio: ratios.slice(0, kept),
    singularValues: variances.slice(0, kept).map((variance) => Math.sqrt(variance * (rows - 1))),
    noiseVariance: kept < possible ? sum(left) / left.length : 0,
  };
}

/** The first count whose cumulative share exceeds the one asked for. */
function countForShare(ratios: Float64Array, share: number): number {
  let cumulative = 0;
  let count = 0;
  while (count < ratios.length && cumulative <= share) cumulative += ratios[count++] ?? 0;
  return count;
}

/** Whether the covariances of the columns are small and well determined enough to take their eigenvectors. */
export function isTall(rows: number, width: number): boolean {
  return width <= 1000 && rows >= 10 * width;
}

function chooseSolver(rows: number, width: number, asked: number): Solver {
  if (isTall(rows, width)) return "covariance";
  if (Math.max(rows, width) <= 500) return "exact";
  if (asked >= 1 && asked < 0.8 * Math.min(rows, width)) return "randomized";
  return "exact";
}

function checkRows(rows: number): void {
  if (rows < 2)
    throw new InvalidInputError(
      `principal components need at least 2 rows, and there ${rows === 1 ? "is 1" : `are ${rows}`}`,
    );
}

function checkCount(count: number | undefined, possible: number): number {
  if (count === undefined) return possible;
  const isShare = count > 0 && count < 1;
  if (!isShare && !(Number.isInteger(count) && count >= 1 && count <= possible)) {
    throw new InvalidInputError(
      `there can be 1 to ${possible} components, or a share of the variance between 0 and 1, not ${count}`,
    );
  }
  return count;
}

function meansAndVariance({ data, rows, columns }: DenseMatrix): {
  readonly means: Float64Array;
  readonly totalVariance: number;
} {
  const width = columns.length;
  const means = new Float64Array(width);
  for (let row = 0; row < rows; row++)
    for (let j = 0; j < width; j++) means[j] = (means[j] ?? 0) + (data[row * width + j] ?? 0);
  for (let j = 0; j < width; j++) means[j] = (means[j] ?? 0) / rows;
  let squares = 0;
  for (let row = 0; row < rows; row++)
    for (let j = 0; j < width; j++) squares += ((data[row * width + j] ?? 0) - (means[j] ?? 0)) ** 2;
  return { means, totalVariance: squares / (rows - 1) };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

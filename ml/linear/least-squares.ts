/**
 * @file Least squares with or without a quadratic penalty: by normal equations of centred columns, refined once, where
 * those are well conditioned; by orthogonal decompositions otherwise.
 */
import type { DenseMatrix } from "../dense-matrix.ts";
import type { Turns } from "../turns.ts";
import { cholesky, solveCholesky } from "./cholesky.ts";
import { ColumnProducts } from "./column-products.ts";
import { RowPass } from "./row-blocks.ts";
import { shortLeastSquares, tallLeastSquares } from "./minimum-norm.ts";

/** Scaled pivots below this leave too few digits to the normal equations. */
const leastPivot = 1e-6;

/** Rows, a number for each, how much each counts, and whether there is an intercept. */
export interface LeastSquaresProblem {
  readonly matrix: DenseMatrix;
  readonly target: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly fitIntercept: boolean;
}

/** What columns and target deviate from. */
export interface Centre {
  readonly columns: Float64Array;
  readonly target: number;
  readonly weight: number;
}

/** The coefficients of the columns, and the intercept. */
export interface LeastSquaresFit {
  readonly coefficients: Float64Array;
  readonly intercept: number;
}

/**
 * The minimum of `Σ weight (y - Xw - b)² + alpha |w|²`; of all minima the one with the least `|w|`, where singular values
 * below `max(rows, columns) · ε` of the largest count as zero (as scikit-learn's `LinearRegression` and `Ridge`).
 */
export async function leastSquares(
  problem: LeastSquaresProblem,
  alpha: number,
  turns: Turns,
): Promise<LeastSquaresFit> {
  const { matrix } = problem;
  const width = matrix.columns.length;
  const pass = new RowPass(matrix, 1);
  const centre = await centreOf(problem, pass, turns);
  if (matrix.rows < width)
    return withIntercept(await shortLeastSquares(problem, centre, alpha, turns), centre);
  const curvature = await centredProducts(problem, centre, turns);
  for (let at = 0; at < width; at++) curvature[at * width + at] = (curvature[at * width + at] ?? 0) + alpha;
  const factor = await cholesky(curvature, width, turns);
  if (!factor || factor.leastPivot < leastPivot)
    return withIntercept(await tallLeastSquares(problem, centre, alpha, turns), centre);
  const coefficients = new Float64Array(width);
  // The second round takes away the rounding of the first.
  for (let round = 0; round < 2; round++) {
    const rest = await slopesAt(problem, centre, coefficients, pass, turns);
    for (let at = 0; at < width; at++) rest[at] = (rest[at] ?? 0) - alpha * (coefficients[at] ?? 0);
    solveCholesky(factor, rest);
    for (let at = 0; at < width; at++) coefficients[at] = (coefficients[at] ?? 0) + (rest[at] ?? 0);
  }
  return withIntercept(coefficients, centre);
}

/** The weighted means of columns and target; zeros where there is no intercept. */
export async function centreOf(
  { matrix, target, weights, fitIntercept }: LeastSquaresProblem,
  pass: RowPass,
  turns: Turns,
): Promise<Centre> {
  const width = matrix.columns.length;
  let sum = 0;
  const weight = await pass.run(
    turns,
    ({ first, count, slopes }) => {
      let total = 0;
      for (let row = 0; row < count; row++) {
        const weight = weights ? (weights[first + row] ?? 0) : 1;
        slopes[row] = weight;
        total += weight;
        sum += weight * (target[first + row] ?? 0);
      }
      return total;
    },
    { withMargins: false },
  );
  if (!fitIntercept) return { columns: new Float64Array(width), target: 0, weight };
  const columns = Float64Array.from(pass.gradient.subarray(0, width), (value) => value / weight);
  for (const [column, value] of constantColumns(matrix, weights)) columns[column] = value;
  return { columns, target: sum / weight, weight };
}

/**
 * The columns that are one number in all rows that count, with that number: the mean of a sum would be off by its rounding,
 * and what then is left of the column would be taken for a small column that says something.
 */
function constantColumns(
  { data, rows, columns }: DenseMatrix,
  weights: Float64Array | undefined,
): ReadonlyMap<number, number> {
  const width = columns.length;
  const found = new Map<number, number>();
  const counted = weights ? weights.findIndex((weight) => weight > 0) : 0;
  for (let column = 0; column < width; column++) found.set(column, data[counted * width + column] ?? 0);
  for (let row = counted + 1; row < rows && found.size > 0; row++) {
    if (weights && weights[row] === 0) continue;
    for (const [column, value] of found) if (data[row * width + column] !== value) found.delete(column);
  }
  return found;
}

/** Weighted products of the columns' deviations: `width` rows. */
export async function centredProducts(
  { matrix, weights }: LeastSquaresProblem,
  centre: Centre,
  turns: Turns,
): Promise<Float64Array> {
  const width = matrix.columns.length;
  const all = await new ColumnProducts(matrix, centre.columns).gather(turns, (first, count, into) => {
    if (weights) into.set(weights.subarray(first, first + count));
    else into.fill(1, 0, count);
  });
  const products = new Float64Array(width * width);
  for (let row = 0; row < width; row++)
    products.set(all.subarray(row * (width + 1), row * (width + 1) + width), row * width);
  return products;
}

/** Weighted products of the columns' deviations with what coefficients leave of the target's. */
export async function slopesAt(
  { target, weights }: LeastSquaresProblem,
  centre: Centre,
  coefficients: Float64Array,
  pass: RowPass,
  turns: Turns,
): Promise<Float64Array> {
  const width = coefficients.length;
  pass.coefficients.set(coefficients);
  pass.coefficients[width] = withIntercept(coefficients, centre).intercept;
  await pass.run(turns, ({ first, count, margins, slopes }) => {
    for (let row = 0; row < count; row++) {
      const rest = (target[first + row] ?? 0) - (margins[row] ?? 0);
      slopes[row] = weights ? rest * (weights[first + row] ?? 0) : rest;
    }
    return 0;
  });
  const total = pass.gradient[width] ?? 0;
  return Float64Array.from(centre.columns, (mean, at) => (pass.gradient[at] ?? 0) - mean * total);
}

/** Coefficients of deviations with the intercept that belongs to them. */
export function withIntercept(coefficients: Float64Array, centre: Centre): LeastSquaresFit {
  const intercept = coefficients.reduce(
    (rest, value, at) => rest - value * (centre.columns[at] ?? 0),
    centre.target,
  );
  return { coefficients, intercept };
}

/**
 * @file Linear regression whose penalty makes most coefficients exactly zero (Tibshirani 1996; scikit-learn's `Lasso`), by
 * coordinate descent on products of columns that one pass gathers (Friedman, Hastie and Tibshirani, "Regularization paths
 * for generalized linear models via coordinate descent", 2010).
 */
import { InvalidInputError } from "../../errors.ts";
import { checkMatrix, type DenseMatrix } from "../../dense-matrix.ts";
import { momentsOf, type Moments } from "../decomposition/moments.ts";
import { descend } from "../../coordinate-descent.ts";
import { targetNumbers, type NumericTarget } from "../../target.ts";

/** A linear function of columns. */
export interface LinearFunction {
  readonly coefficients: Float64Array;
  readonly intercept: number;
}

/**
 * The coefficients w and intercept b that minimise `1 / (2 rows) |y - Xw - b|² + alpha |w|₁`.
 * @throws {@link InvalidInputError} for numbers that aren't finite, or an `alpha` that isn't positive
 */
export function lasso(matrix: DenseMatrix, target: NumericTarget, alpha: number): LinearFunction {
  checkMatrix(matrix);
  const { data, rows, columns } = matrix;
  const width = columns.length;
  const y = targetNumbers(target, rows);
  const together = new Float64Array(rows * (width + 1));
  for (let row = 0; row < rows; row++) {
    together.set(data.subarray(row * width, (row + 1) * width), row * (width + 1));
    together[row * (width + 1) + width] = y[row] ?? 0;
  }
  return lassoOfMoments(momentsOf({ data: together, rows, columns: [...columns, "target"] }), alpha);
}

/** {@link lasso} from the moments of the columns and, as the last column, the target. */
export function lassoOfMoments({ rows, means, products }: Moments, alpha: number): LinearFunction {
  if (!(alpha > 0 && Number.isFinite(alpha)))
    throw new InvalidInputError(`the penalty must be a positive number, not ${alpha}`);
  const size = means.length;
  const width = size - 1;
  const a = new Float64Array(width * width);
  const b = new Float64Array(width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) a[i * width + j] = (products[i * size + j] ?? 0) / rows;
    b[i] = (products[i * size + width] ?? 0) / rows;
  }
  const coefficients = new Float64Array(width);
  descend(a, b, new Float64Array(width).fill(alpha), coefficients);
  const intercept = coefficients.reduce(
    (rest, value, column) => rest - value * (means[column] ?? 0),
    means[width] ?? 0,
  );
  return { coefficients, intercept };
}

/**
 * @file Linear regression whose penalty makes most coefficients exactly zero (Tibshirani 1996; scikit-learn's `Lasso`), by
 * coordinate descent on products of columns that one pass gathers (Friedman, Hastie and Tibshirani, "Regularization paths
 * for generalized linear models via coordinate descent", 2010).
 */
import { InvalidInputError } from "../../errors.ts";
import { checkMatrix, type DenseMatrix } from "../dense-matrix.ts";
import { momentsOf } from "../decomposition/moments.ts";
import { descend } from "./coordinate-descent.ts";
import { targetNumbers, type NumericTarget } from "./target.ts";

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
  if (!(alpha > 0 && Number.isFinite(alpha)))
    throw new InvalidInputError(`the penalty must be a positive number, not ${alpha}`);
  const { data, rows, columns } = matrix;
  const width = columns.length;
  const y = targetNumbers(target, rows);
  const { means, products } = momentsOf(matrix);
  const mean = y.reduce((sum, value) => sum + value, 0) / rows;
  const withTarget = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const deviation = (y[row] ?? 0) - mean;
    for (let column = 0; column < width; column++)
      withTarget[column] =
        (withTarget[column] ?? 0) + deviation * ((data[row * width + column] ?? 0) - (means[column] ?? 0));
  }
  const coefficients = new Float64Array(width);
  descend(
    products.map((product) => product / rows),
    withTarget.map((product) => product / rows),
    new Float64Array(width).fill(alpha),
    coefficients,
  );
  const intercept = coefficients.reduce((rest, value, column) => rest - value * (means[column] ?? 0), mean);
  return { coefficients, intercept };
}

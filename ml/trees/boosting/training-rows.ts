/** @file What a fit is given, checked and as a training needs it. */
import { checkWidth, type DenseMatrix } from "../../dense-matrix.ts";
import { InvalidInputError } from "../../errors.ts";
import type { FitOptions } from "../../estimator.ts";
import { rowWeights } from "../../row-weights.ts";
import type { TrainingRows } from "./train.ts";

/** Rows that a training's progress is measured on. */
export interface ValidationRows<Target> {
  readonly rows: DenseMatrix;
  readonly target: Target;
  readonly weights?: FitOptions["weights"];
}

/** What a fit of boosted trees may be given beside rows and targets. */
export interface BoostingFitOptions<Target> extends FitOptions {
  /** Rows on which the loss is measured after each round; what early stopping looks at. */
  readonly validation?: ValidationRows<Target>;
}

/**
 * Checks the size of a matrix that is trained on.
 * @throws {@link InvalidInputError} where there are no rows, no columns, or another number of values
 */
export function checkTrainingRows({ data, rows, columns }: DenseMatrix): void {
  if (data.length !== rows * columns.length)
    throw new InvalidInputError(
      `a matrix of ${rows} rows and ${columns.length} columns has ${rows * columns.length} numbers, not ${data.length}`,
    );
  if (rows === 0) throw new InvalidInputError("there are no rows to learn from");
  if (columns.length === 0) throw new InvalidInputError("there are no columns to learn from");
}

/** Rows with targets that were checked, as a training takes them. */
export function trainingRows(
  rows: DenseMatrix,
  targets: ArrayLike<number>,
  weights: FitOptions["weights"],
): TrainingRows {
  const checked = rowWeights(weights, rows.rows);
  return { rows, targets: float32Targets(targets), weights: checked && Float32Array.from(checked) };
}

/**
 * Checks rows that a training is measured on.
 * @throws {@link InvalidInputError} where there are none, or of other columns
 */
export function checkValidationRows(rows: DenseMatrix, columns: readonly string[]): void {
  checkWidth(rows, columns);
  if (rows.rows === 0) throw new InvalidInputError("the validation has no rows");
}

function float32Targets(targets: ArrayLike<number>): Float32Array {
  const numbers = Float32Array.from(targets);
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new InvalidInputError(`the target of row ${bad} is ${targets[bad]}, which isn't finite as float32`);
  return numbers;
}

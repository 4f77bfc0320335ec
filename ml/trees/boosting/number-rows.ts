/** @file What a fit of numbers is given, checked. */
import type { DenseMatrix } from "../../dense-matrix.ts";
import { InvalidInputError } from "../../errors.ts";
import { targetNumbers, type NumericTarget } from "../../target.ts";
import type { TrainingRows } from "./train.ts";
import {
  checkTrainingRows,
  checkValidationRows,
  trainingRows,
  type BoostingFitOptions,
} from "./training-rows.ts";

/** Rows whose targets are numbers. */
export interface NumberRows {
  readonly training: TrainingRows;
  readonly validation: TrainingRows | undefined;
}

/**
 * Checks what a fit of numbers is given; `objective` says whether they are counts.
 * @throws {@link InvalidInputError} for rows, targets or weights that don't fit
 */
export function numberRows(
  rows: DenseMatrix,
  target: NumericTarget,
  { weights, validation }: BoostingFitOptions<NumericTarget>,
  objective: string,
): NumberRows {
  checkTrainingRows(rows);
  const numbers = targetsOf(target, rows.rows, objective);
  if (validation) checkValidationRows(validation.rows, rows.columns);
  return {
    training: trainingRows(rows, numbers, weights),
    validation:
      validation &&
      trainingRows(
        validation.rows,
        targetsOf(validation.target, validation.rows.rows, objective),
        validation.weights,
      ),
  };
}

function targetsOf(target: NumericTarget, rows: number, objective: string): Float64Array {
  const numbers = targetNumbers(target, rows);
  if (objective !== "poisson") return numbers;
  const bad = numbers.findIndex((value) => value < 0);
  if (bad >= 0)
    throw new InvalidInputError(
      `the target of row ${bad} is ${numbers[bad]}: the objective "poisson" is for counts, from 0 up`,
    );
  if (numbers.every((value) => value === 0))
    throw new InvalidInputError('all targets are 0: the objective "poisson" needs one above');
  return numbers;
}

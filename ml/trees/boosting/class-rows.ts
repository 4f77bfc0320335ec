/** @file What a fit of classes is given, checked, with the classes by their numbers. */
import { modelClasses } from "../../class-labels.ts";
import type { DenseMatrix } from "../../dense-matrix.ts";
import { InvalidInputError } from "../../errors.ts";
import type { ClassLabel } from "../../estimator.ts";
import type { ClassTarget } from "../../target.ts";
import type { TrainingRows } from "./train.ts";
import {
  checkTrainingRows,
  checkValidationRows,
  trainingRows,
  type BoostingFitOptions,
} from "./training-rows.ts";

/** Rows whose targets are the places of their classes. */
export interface ClassRows {
  readonly classes: readonly ClassLabel[];
  readonly training: TrainingRows;
  readonly validation: TrainingRows | undefined;
}

/**
 * Checks and numbers what a fit of classes is given.
 * @throws {@link InvalidInputError} for rows, targets or weights that don't fit, fewer than two classes, or a validation
 * with others
 */
export function classRows(
  rows: DenseMatrix,
  target: ClassTarget,
  { weights, validation }: BoostingFitOptions<ClassTarget>,
): ClassRows {
  checkTrainingRows(rows);
  const { classes, codes } = modelClasses(target, rows.rows);
  if (validation) checkValidationRows(validation.rows, rows.columns);
  return {
    classes,
    training: trainingRows(rows, codes, weights),
    validation:
      validation &&
      trainingRows(
        validation.rows,
        codesAmong(classes, validation.target, validation.rows.rows),
        validation.weights,
      ),
  };
}

/** The numbers of a validation's classes. */
function codesAmong(classes: readonly ClassLabel[], target: ClassTarget, rows: number): Int32Array {
  if (target.length !== rows)
    throw new InvalidInputError(
      `the validation's target has ${target.length} rows and its matrix has ${rows}: they must be equal`,
    );
  const places = new Map(classes.map((label, place) => [label, place]));
  return Int32Array.from({ length: rows }, (_, row) => {
    const place = places.get(target[row] ?? Number.NaN);
    if (place === undefined)
      throw new InvalidInputError(
        `the validation's target of row ${row} is ${String(target[row])}, a class that the training's has not`,
      );
    return place;
  });
}

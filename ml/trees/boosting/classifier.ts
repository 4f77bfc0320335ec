/** @file Gradient boosting of classes. */
import { modelClasses } from "../../class-labels.ts";
import { InvalidInputError } from "../../errors.ts";
import type { Classifier, ClassLabel } from "../../estimator.ts";
import type { ClassTarget } from "../../target.ts";
import { BoostedClassificationModel } from "./boosted-model.ts";
import { logistic, softmax } from "./objectives/classification.ts";
import { checkBoostingSettings, defaultBoostingSettings, type BoostingSettings } from "./settings.ts";
import { train } from "./train.ts";
import {
  checkTrainingRows,
  checkValidationRows,
  trainingRows,
  type BoostingFitOptions,
} from "./training-rows.ts";

/** How {@link gradientBoostingClassifier} learns. */
export type BoostingClassifierSettings = BoostingSettings;

/**
 * Gradient boosting of classes with histograms, as XGBoost's `hist`: the logistic loss for two classes, softmax with a tree
 * for each class and round for more. NaN among the features is a missing value.
 * @example gradientBoostingClassifier({ nEstimators: 200, earlyStoppingRounds: 10 })
 * @throws {@link InvalidInputError} for settings that make no sense
 */
export function gradientBoostingClassifier(
  changes: Partial<BoostingClassifierSettings> = {},
): Classifier<BoostingClassifierSettings, BoostedClassificationModel, BoostingFitOptions<ClassTarget>> {
  const settings: BoostingClassifierSettings = { ...defaultBoostingSettings, ...changes };
  checkBoostingSettings(settings);
  return {
    kind: "gradientBoostingClassifier",
    task: "classification",
    settings,
    with: (more) => gradientBoostingClassifier({ ...settings, ...more }),
    fit: async (rows, target, { weights, signal, validation } = {}) => {
      checkTrainingRows(rows);
      const { classes, codes } = modelClasses(target, rows.rows);
      if (validation) checkValidationRows(validation.rows, rows.columns);
      const { forest, ...history } = await train({
        ...trainingRows(rows, codes, weights),
        objective: classes.length === 2 ? logistic : softmax(classes.length),
        settings,
        signal,
        validation:
          validation &&
          trainingRows(
            validation.rows,
            codesAmong(classes, validation.target, validation.rows.rows),
            validation.weights,
          ),
      });
      return new BoostedClassificationModel(classes, forest, history);
    },
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

/** @file Gradient boosting of classes. */
import type { Classifier } from "../../estimator.ts";
import { observedEstimator } from "../../fit-observer.ts";
import type { ClassTarget } from "../../target.ts";
import { BoostedClassificationModel } from "./boosted-model.ts";
import { classRows } from "./class-rows.ts";
import { logistic, softmax } from "./objectives/classification.ts";
import { checkBoostingSettings, defaultBoostingSettings, type BoostingSettings } from "./settings.ts";
import { train } from "./train.ts";
import type { BoostingFitOptions } from "./training-rows.ts";

/** How {@link gradientBoostingClassifier} learns. */
export type BoostingClassifierSettings = BoostingSettings;

/**
 * Gradient boosting of classes with histograms, as XGBoost's `hist`: the logistic loss for two classes, softmax with a tree
 * for each class and round for more. NaN among the features is a missing value.
 * @example gradientBoostingClassifier({ nEstimators: 200, earlyStoppingRounds: 10 })
 * @throws InvalidInputError for settings that make no sense
 */
export function gradientBoostingClassifier(
  changes: Partial<BoostingClassifierSettings> = {},
): Classifier<BoostingClassifierSettings, BoostedClassificationModel, BoostingFitOptions<ClassTarget>> {
  const settings: BoostingClassifierSettings = { ...defaultBoostingSettings, ...changes };
  checkBoostingSettings(settings);
  return observedEstimator({
    kind: "gradientBoostingClassifier",
    task: "classification",
    settings,
    with: (more) => gradientBoostingClassifier({ ...settings, ...more }),
    fit: async (rows, target, options = {}) => {
      const { classes, training, validation } = classRows(rows, target, options);
      const { forest, ...history } = await train({
        ...training,
        objective: classes.length === 2 ? logistic : softmax(classes.length),
        settings,
        signal: options.signal,
        validation,
      });
      return new BoostedClassificationModel(classes, forest, history);
    },
  });
}

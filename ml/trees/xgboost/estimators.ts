/** @file Gradient boosting by XGBoost's library, with the settings and the models of our own. */
import { InvalidInputError } from "../../errors.ts";
import type { Classifier, Regressor } from "../../estimator.ts";
import { observedEstimator } from "../../fit-observer.ts";
import type { ClassTarget, NumericTarget } from "../../target.ts";
import { BoostedClassificationModel, BoostedRegressionModel } from "../boosting/boosted-model.ts";
import { classRows } from "../boosting/class-rows.ts";
import type { BoostingClassifierSettings } from "../boosting/classifier.ts";
import { numberRows } from "../boosting/number-rows.ts";
import { boostingRegressorSettings, type BoostingRegressorSettings } from "../boosting/regressor.ts";
import { checkBoostingSettings, defaultBoostingSettings } from "../boosting/settings.ts";
import type { BoostingFitOptions } from "../boosting/training-rows.ts";
import type { XgboostObjective } from "./parameters.ts";
import { trainByXgboost } from "./train.ts";

/**
 * As `gradientBoostingClassifier`, trained by XGBoost's own library (`tree_method` "hist") where that and the package koffi
 * are installed; the model is the same kind, and needs neither. The seed's samples and the cuts are XGBoost's.
 * @example xgboostClassifier({ nEstimators: 200, earlyStoppingRounds: 10 })
 * @throws {@link InvalidInputError} for settings that make no sense; the fit: `XgboostMissingError`, `XgboostError`
 */
export function xgboostClassifier(
  changes: Partial<BoostingClassifierSettings> = {},
): Classifier<BoostingClassifierSettings, BoostedClassificationModel, BoostingFitOptions<ClassTarget>> {
  const settings: BoostingClassifierSettings = { ...defaultBoostingSettings, ...changes };
  checkBoostingSettings(settings);
  return observedEstimator({
    kind: "xgboostClassifier",
    task: "classification",
    settings,
    with: (more) => xgboostClassifier({ ...settings, ...more }),
    fit: async (rows, target, options = {}) => {
      const { classes, ...given } = classRows(rows, target, options);
      const objective: XgboostObjective =
        classes.length === 2
          ? { objective: "binary:logistic", metric: "logloss" }
          : { objective: "multi:softprob", metric: "mlogloss", more: { num_class: classes.length } };
      const task = { ...given, objective, settings, signal: options.signal };
      const { forest, ...history } = await trainByXgboost(task);
      return new BoostedClassificationModel(classes, forest, history);
    },
  });
}

/**
 * As `gradientBoostingRegressor`, trained by XGBoost's own library (`tree_method` "hist") where that and the package koffi
 * are installed; the model is the same kind, and needs neither. The seed's samples and the cuts are XGBoost's.
 * @example xgboostRegressor({ objective: "quantile", quantileAlpha: 0.9 })
 * @throws {@link InvalidInputError} for settings that make no sense; the fit: `XgboostMissingError`, `XgboostError`
 */
export function xgboostRegressor(
  changes: Partial<BoostingRegressorSettings> = {},
): Regressor<BoostingRegressorSettings, BoostedRegressionModel, BoostingFitOptions<NumericTarget>> {
  const settings = boostingRegressorSettings(changes);
  return observedEstimator({
    kind: "xgboostRegressor",
    task: "regression",
    settings,
    with: (more) => xgboostRegressor({ ...settings, ...more }),
    fit: async (rows, target, options = {}) => {
      const given = numberRows(rows, target, options, settings.objective);
      const task = { ...given, objective: objectiveOf(settings), settings, signal: options.signal };
      const { forest, ...history } = await trainByXgboost(task);
      return new BoostedRegressionModel("gradientBoostingRegressor", forest, history);
    },
  });
}

function objectiveOf({ objective, quantileAlpha }: BoostingRegressorSettings): XgboostObjective {
  switch (objective) {
    case "squaredError":
      return { objective: "reg:squarederror", metric: "rmse" };
    case "poisson":
      return { objective: "count:poisson", metric: "poisson-nloglik" };
    case "quantile":
      return {
        objective: "reg:quantileerror",
        metric: "quantile",
        more: { quantile_alpha: quantileAlpha },
      };
    default:
      throw new InvalidInputError(`there is no objective ${JSON.stringify(objective)}`);
  }
}

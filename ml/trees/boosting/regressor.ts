/** @file Gradient boosting of numbers. */
import { InvalidInputError } from "../../errors.ts";
import type { Regressor } from "../../estimator.ts";
import { observedEstimator } from "../../fit-observer.ts";
import type { NumericTarget } from "../../target.ts";
import { BoostedRegressionModel } from "./boosted-model.ts";
import { numberRows } from "./number-rows.ts";
import type { Objective } from "./objectives/objective.ts";
import { poisson, quantile, squaredError } from "./objectives/regression.ts";
import { checkBoostingSettings, defaultBoostingSettings, type BoostingSettings } from "./settings.ts";
import { train } from "./train.ts";
import type { BoostingFitOptions } from "./training-rows.ts";

/** How {@link gradientBoostingRegressor} learns. */
export interface BoostingRegressorSettings extends BoostingSettings {
  /** "squaredError" for means, "poisson" for means of counts, "quantile" for the quantile `quantileAlpha`. */
  readonly objective: "squaredError" | "poisson" | "quantile";
  /** The quantile that is predicted, above 0 and below 1. */
  readonly quantileAlpha: number;
}

const kind = "gradientBoostingRegressor";

/** The most that a leaf of counts' logarithms may be, as in XGBoost, unless told. */
const poissonDeltaStep = 0.7;

/**
 * Gradient boosting of numbers with histograms, as XGBoost's `hist`. NaN among the features is a missing value, which goes
 * at each split where it does best.
 * @example gradientBoostingRegressor({ nEstimators: 200, learningRate: 0.1 })
 * @throws {@link InvalidInputError} for settings that make no sense
 */
export function gradientBoostingRegressor(
  changes: Partial<BoostingRegressorSettings> = {},
): Regressor<BoostingRegressorSettings, BoostedRegressionModel, BoostingFitOptions<NumericTarget>> {
  const settings = boostingRegressorSettings(changes);
  const objective = objectiveOf(settings);
  return observedEstimator({
    kind,
    task: "regression",
    settings,
    with: (more) => gradientBoostingRegressor({ ...settings, ...more }),
    fit: async (rows, target, options = {}) => {
      const { training, validation } = numberRows(rows, target, options, settings.objective);
      const { signal } = options;
      const { forest, ...history } = await train({ ...training, objective, settings, signal, validation });
      return new BoostedRegressionModel(kind, forest, history);
    },
  });
}

/**
 * All settings of a regressor, from those that differ from the defaults.
 * @throws {@link InvalidInputError} for settings that make no sense
 */
export function boostingRegressorSettings(
  changes: Partial<BoostingRegressorSettings>,
): BoostingRegressorSettings {
  const settings: BoostingRegressorSettings = {
    ...defaultBoostingSettings,
    objective: "squaredError",
    quantileAlpha: 0.5,
    ...(changes.objective === "poisson" ? { maxDeltaStep: poissonDeltaStep } : {}),
    ...changes,
  };
  checkBoostingSettings(settings);
  objectiveOf(settings);
  return settings;
}

function objectiveOf({ objective, quantileAlpha, maxDeltaStep }: BoostingRegressorSettings): Objective {
  switch (objective) {
    case "squaredError":
      return squaredError;
    case "poisson":
      return poisson(maxDeltaStep);
    case "quantile":
      if (!(quantileAlpha > 0 && quantileAlpha < 1))
        throw new InvalidInputError(`quantileAlpha must be above 0 and below 1, not ${quantileAlpha}`);
      return quantile(quantileAlpha);
    default:
      throw new InvalidInputError(`there is no objective ${JSON.stringify(objective)}`);
  }
}

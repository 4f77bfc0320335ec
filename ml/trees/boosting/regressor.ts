/** @file Gradient boosting of numbers. */
import { InvalidInputError } from "../../errors.ts";
import type { Regressor } from "../../estimator.ts";
import { targetNumbers, type NumericTarget } from "../../target.ts";
import { BoostedRegressionModel } from "./boosted-model.ts";
import type { Objective } from "./objectives/objective.ts";
import { poisson, quantile, squaredError } from "./objectives/regression.ts";
import { checkBoostingSettings, defaultBoostingSettings, type BoostingSettings } from "./settings.ts";
import { train } from "./train.ts";
import {
  checkTrainingRows,
  checkValidationRows,
  trainingRows,
  type BoostingFitOptions,
} from "./training-rows.ts";

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
  const settings: BoostingRegressorSettings = {
    ...defaultBoostingSettings,
    objective: "squaredError",
    quantileAlpha: 0.5,
    ...(changes.objective === "poisson" ? { maxDeltaStep: poissonDeltaStep } : {}),
    ...changes,
  };
  checkBoostingSettings(settings);
  const objective = objectiveOf(settings);
  return {
    kind,
    task: "regression",
    settings,
    with: (more) => gradientBoostingRegressor({ ...settings, ...more }),
    fit: async (rows, target, { weights, signal, validation } = {}) => {
      checkTrainingRows(rows);
      const numbers = targetsOf(target, rows.rows, settings);
      if (validation) checkValidationRows(validation.rows, rows.columns);
      const { forest, ...history } = await train({
        ...trainingRows(rows, numbers, weights),
        objective,
        settings,
        signal,
        validation:
          validation &&
          trainingRows(
            validation.rows,
            targetsOf(validation.target, validation.rows.rows, settings),
            validation.weights,
          ),
      });
      return new BoostedRegressionModel(kind, forest, history);
    },
  };
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

function targetsOf(
  target: NumericTarget,
  rows: number,
  { objective }: BoostingRegressorSettings,
): Float64Array {
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

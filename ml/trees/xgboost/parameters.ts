/** @file Settings of gradient boosting as XGBoost's parameters (XGBoost, "XGBoost Parameters"). */
import { columnOf, directionsOf, type BoostingSettings } from "../boosting/settings.ts";

/** What XGBoost is told to learn. */
export interface XgboostObjective {
  readonly objective: string;
  /** The loss that validations are measured by. */
  readonly metric: string;
  /** What the objective must know beside. */
  readonly more?: Readonly<Record<string, number>>;
}

/**
 * The names and values of all parameters.
 * @throws InvalidInputError where a constraint names no column
 */
export function xgboostParameters(
  settings: BoostingSettings,
  { objective, metric, more = {} }: XgboostObjective,
  columns: readonly string[],
): ReadonlyMap<string, string> {
  const groups = settings.interactionConstraints.map((group) =>
    group.map((name) => columnOf(columns, name, "interactionConstraints")),
  );
  const directions = directionsOf(columns, settings);
  const numbers: Readonly<Record<string, number>> = {
    learning_rate: settings.learningRate,
    max_depth: settings.maxDepth,
    max_bin: settings.maxBins,
    min_child_weight: settings.minChildWeight,
    lambda: settings.lambda,
    alpha: settings.alpha,
    gamma: settings.gamma,
    max_delta_step: settings.maxDeltaStep,
    subsample: settings.subsample,
    colsample_bytree: settings.colsampleByTree,
    seed: settings.seed,
    nthread: settings.threads,
    ...more,
  };
  return new Map([
    ["tree_method", "hist"],
    ["device", "cpu"],
    ["verbosity", "0"],
    ["objective", objective],
    ["eval_metric", metric],
    ...Object.entries(numbers).map(([name, value]): [string, string] => [name, String(value)]),
    ...(directions.some((direction) => direction !== 0)
      ? [["monotone_constraints", `(${directions.join(",")})`] as const]
      : []),
    ...(groups.length > 0 ? [["interaction_constraints", JSON.stringify(groups)] as const] : []),
  ]);
}

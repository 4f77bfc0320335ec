/** @file `tenon/trees`: decision trees, boosted. */
export type {
  BoostedClassificationModel,
  BoostedRegressionModel,
  BoostingHistory,
} from "./boosting/boosted-model.ts";
export { gradientBoostingClassifier, type BoostingClassifierSettings } from "./boosting/classifier.ts";
export { BoostingDivergedError, BoostingKernelsError } from "./boosting/errors.ts";
export { loadBoosting } from "./boosting/load-boosting.ts";
export {
  gradientBoostingRanker,
  type BoostingRankerSettings,
  type GradientBoostingRanker,
  type QueryIds,
  type RankingFitOptions,
} from "./boosting/ranker.ts";
export { gradientBoostingRegressor, type BoostingRegressorSettings } from "./boosting/regressor.ts";
export type { BoostingSettings } from "./boosting/settings.ts";
export type { BoostingFitOptions, ValidationRows } from "./boosting/training-rows.ts";
export { NodeRule, type Forest, type ForestLink } from "./forest.ts";
export type { ImportanceType } from "./importances.ts";

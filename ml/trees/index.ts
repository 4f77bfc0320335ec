/** @file `tenon/trees`: decision trees, boosted or in forests, and those of other libraries. */
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
export type { ForestClassification, ForestRegression } from "./forest-models.ts";
export { compileForest, type ForestPredictor } from "./predictor/compile-forest.ts";
export { predictForest, type PredictOptions } from "./predict-forest.ts";
export { traceForest, type ForestTensor, type TraceForestOptions } from "./trace-forest.ts";
export {
  extraTreesClassifier,
  extraTreesRegressor,
  randomForestClassifier,
  randomForestRegressor,
  type ForestClassifier,
  type ForestRegressor,
} from "./forests/estimators.ts";
export {
  isolationForest,
  type IsolationForest,
  type IsolationForestSettings,
} from "./forests/isolation-forest.ts";
export type { IsolationForestModel } from "./forests/isolation-model.ts";
export { loadForest } from "./forests/load-forest.ts";
export type { ForestClassifierSettings, ForestSettings } from "./forests/settings.ts";
export { ForestFileError } from "./native/errors.ts";
export { decodeCatboost } from "./native/catboost.ts";
export { decodeLightgbm } from "./native/lightgbm.ts";
export { decodeXgboost } from "./native/xgboost.ts";
export { loadCatboost, loadLightgbm, loadXgboost } from "./native/load.ts";
export type { LoadedForest, NativeModel } from "./native/native-model.ts";
export { XgboostError, XgboostMissingError } from "./xgboost/errors.ts";
export { xgboostClassifier, xgboostRegressor } from "./xgboost/estimators.ts";

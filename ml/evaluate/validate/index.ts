/** @file Estimators, measured on rows that they didn't learn from. */
export { crossValidate, type CrossValidateOptions, type ValidateOptions } from "./cross-validate.ts";
export { namedMetrics, type Metrics } from "./named-metrics.ts";
export { CrossValidation, type Fold } from "./cross-validation.ts";
export { classificationScorers, type ClassPrediction } from "./classification-scorers.ts";
export { outOfFoldPredictions, outOfFoldProbabilities } from "./out-of-fold.ts";
export { regressionScorers } from "./regression-scorers.ts";
export { scoreSplits, type FitRows, type Scorers, type ScoreSplitsOptions } from "./score-splits.ts";
export {
  learningCurve,
  validationCurve,
  type ClassificationMetric,
  type CurveOptions,
  type CurvePoint,
  type LearningOptions,
  type RegressionMetric,
} from "./curves.ts";
export { nestedCrossValidate, type NestedFold, type NestedOptions, type NestedValidation } from "./nested.ts";
export {
  classificationMetrics,
  regressionMetrics,
  type ClassificationMetricName,
  type ClassificationRows,
  type Metric,
  type RegressionMetricName,
  type RegressionRows,
} from "./metrics.ts";

/** @file `tenon/linear`: linear models, fitted, stored, traced to ONNX and compiled. */
export {
  elasticNet,
  lasso,
  linearRegression,
  ridge,
  type ElasticNetSettings,
  type LinearRegressionSettings,
  type PenalisedSettings,
} from "./linear-regression.ts";
export { logisticRegression, type LogisticRegressionSettings } from "./logistic-regression.ts";
export { gammaRegressor, poissonRegressor, type GeneralizedSettings } from "./generalized-regression.ts";
export type { ClassWeight } from "./row-class-weights.ts";
export type { LinearClassifier, LinearRegressor } from "./estimators.ts";
export { LinearRegressionModel } from "./regression-model.ts";
export { LinearClassificationModel } from "./classification-model.ts";
export { loadLinear } from "./load-linear.ts";
export { compileLinear, type CompiledClassification, type CompiledRegression } from "./compile-linear.ts";

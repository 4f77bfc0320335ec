/** @file `tenon/features`: columns of tables as numbers for models, fitted by queries and exported as ONNX. */
export { columns, from, Features } from "./columns.ts";
export type { FitOptions, NamedColumns, Routes, Steps } from "./columns.ts";
export { FittedFeatures, type FeatureTensors, type FittedFeaturesJson } from "./fitted-features.ts";
export { loadFeatures } from "./load-features.ts";
export type { FeatureMatrix } from "./feature-matrix.ts";
export type { InputColumn, InputDType } from "./input-columns.ts";
export type { Category } from "./sql.ts";
export type { RouteError, TypedSource } from "./route-types.ts";
export type { CategoryColumn, DateColumn, NumberColumn, TextColumn, Transformer } from "./transformer.ts";
export { imputer, type ImputerOptions, type ImputerStrategy } from "./steps/imputer.ts";
export { oneHot, type OneHotOptions } from "./steps/one-hot.ts";
export { ordinal, type OrdinalOptions } from "./steps/ordinal.ts";
export {
  maxAbsScaler,
  minMaxScaler,
  robustScaler,
  type MinMaxOptions,
  type RobustOptions,
} from "./steps/range-scalers.ts";
export { standardScaler } from "./steps/standard-scaler.ts";

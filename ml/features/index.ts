/** @file `tenon/features`: columns of tables as numbers for models, fitted by queries and exported as ONNX. */
export { columns, from, Features } from "./columns.ts";
export type {
  FitOptions,
  FitTransformOptions,
  FittedWithRows,
  NamedColumns,
  Routes,
  Steps,
} from "./columns.ts";
export { FittedFeatures, type FeatureTensors, type FittedFeaturesJson } from "./fitted-features.ts";
export { loadFeatures } from "./load-features.ts";
export type { FeatureMatrix } from "./feature-matrix.ts";
export type { FeatureBatch } from "./transform-table.ts";
export type { InputColumn, InputDType } from "./input-columns.ts";
export type { Category } from "./sql.ts";
export type { CheckedRoutes, RouteError } from "./route-types.ts";
export type { CategoryColumn, DateColumn, NumberColumn, TextColumn, Transformer } from "./transformer.ts";
export { binning, type BinningOptions, type BinningStrategy } from "./steps/binning.ts";
export { cross, type CrossOptions } from "./steps/cross.ts";
export { dateCycles, dateParts, type DateCycle } from "./steps/dates.ts";
export type { DatePart } from "./calendar.ts";
export { hashing, type HashingOptions } from "./steps/hashing.ts";
export { imputer, type ImputerOptions, type ImputerStrategy } from "./steps/imputer.ts";
export { oneHot } from "./steps/one-hot.ts";
export type { OneHotOptions } from "./steps/one-hot-encoding.ts";
export { ordinal, type OrdinalOptions } from "./steps/ordinal.ts";
export { passthrough } from "./steps/passthrough.ts";
export { polynomial, type PolynomialOptions } from "./steps/polynomial.ts";
export { powerScaler, type PowerMethod } from "./steps/power-scaler.ts";
export { quantileScaler, type QuantileScalerOptions } from "./steps/quantile-scaler.ts";
export { targetEncoder, type TargetEncoderOptions } from "./steps/target-encoder.ts";
export { tensorFunction, type ColumnsFunction } from "./steps/tensor-function.ts";
export {
  maxAbsScaler,
  minMaxScaler,
  robustScaler,
  type MinMaxOptions,
  type RobustOptions,
} from "./steps/range-scalers.ts";
export { standardScaler } from "./steps/standard-scaler.ts";
export {
  countVectorizer,
  tfidfVectorizer,
  type CountVectorizerOptions,
  type TfidfVectorizerOptions,
} from "./steps/word-vectorizers.ts";
export { hashingVectorizer, type HashingVectorizerOptions } from "./steps/hashing-vectorizer.ts";
export type { Norm } from "./text/bag.ts";
export type { TermOptions, VocabularyOptions } from "./text/vocabulary.ts";
export { pca, type PcaOptions, type PcaState } from "./steps/pca.ts";
export { truncatedSvd, type TruncatedSvdOptions, type TruncatedSvdState } from "./steps/truncated-svd.ts";
export { varianceThreshold } from "./steps/variance-threshold.ts";
export { selectKBest, type ScoreName } from "./steps/select-k-best.ts";
export { recursiveElimination, selectFromLasso, selectFromLogistic } from "./steps/select-from-model.ts";
export type { KeptState } from "./steps/kept-columns.ts";
export type { MatrixTransformer } from "./transformer.ts";
export type { DenseMatrix } from "../dense-matrix.ts";
export type { SparseMatrix } from "../sparse-matrix.ts";
export {
  chi2,
  fClassif,
  fRegression,
  rRegression,
  type ColumnScores,
} from "./selection/correlation-scores.ts";
export {
  mutualInfoClassif,
  mutualInfoRegression,
  type MutualInformationOptions,
} from "./selection/mutual-information.ts";
export {
  permutationImportance,
  type PermutationImportance,
  type PermutationOptions,
} from "./selection/permutation-importance.ts";
export type { ImportanceModel, PredictingModel, Score } from "./selection/model.ts";
export type { EliminationOptions } from "./selection/recursive-elimination.ts";
export type { ClassTarget, NumericTarget } from "../target.ts";
export { keptStates, pcaState, truncatedSvdState } from "./found-states.ts";

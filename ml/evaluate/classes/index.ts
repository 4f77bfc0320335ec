/** @file Measures of classes that are said, and of scores and probabilities that say them. */
export {
  accuracy,
  balancedAccuracy,
  cohenKappa,
  confusionMatrix,
  hammingLoss,
  matthewsCorrelation,
  type BalancedOptions,
  type ConfusionMatrix,
  type ConfusionOptions,
  type KappaOptions,
} from "./confusion-matrix.ts";
export {
  classReport,
  f1Score,
  fBetaScore,
  jaccard,
  precision,
  recall,
  type Average,
  type AverageOptions,
  type ClassReport,
} from "./precision-recall.ts";
export {
  averagePrecision,
  detCurve,
  liftCurve,
  precisionRecallCurve,
  type DetCurve,
  type LiftCurve,
  type PrecisionRecallCurve,
} from "./threshold-curves.ts";
export {
  multiclassBrierScore,
  multiclassLogLoss,
  multiclassRocAuc,
  topKAccuracy,
  type ClassProbabilityOptions,
  type ClassScores,
  type MulticlassAucOptions,
  type TopKOptions,
} from "./class-probabilities.ts";

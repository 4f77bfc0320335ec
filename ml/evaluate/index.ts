/** @file `tenon/evaluate`: how good predictions are. */
export { rocAuc, rocCurve, rocPlot } from "./roc.ts";
export type { RocCurve } from "./roc.ts";
export { brierScore, calibration, calibrationPlot, logLoss } from "./probabilities.ts";
export type { CalibrationBin } from "./probabilities.ts";
export type { Scores } from "./scores.ts";
export type { BinaryLabels } from "../labels.ts";
export type { WeightOptions, Weights } from "./weights.ts";
export * from "./classes/index.ts";
export * from "./numbers/index.ts";
export * from "./ranking/index.ts";
export * from "./clusters/index.ts";
export * from "./plots/index.ts";
export * from "./splits/index.ts";
export * from "./calibrators/index.ts";
export {
  chooseThreshold,
  thresholdCosts,
  thresholdOfCosts,
  type ChosenThreshold,
  type Costs,
  type ThresholdCosts,
} from "./decisions/threshold-cost.ts";
export * from "./validate/index.ts";
export * from "./intervals/index.ts";
export * from "./comparisons/index.ts";

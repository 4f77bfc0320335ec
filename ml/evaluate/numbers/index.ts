/** @file Measures of predicted numbers. */
export {
  maxError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanPinballLoss,
  meanSquaredError,
  meanSquaredLogError,
  medianAbsoluteError,
  rootMeanSquaredError,
  rootMeanSquaredLogError,
  type QuantileOptions,
} from "./errors-of-numbers.ts";
export {
  meanGammaDeviance,
  meanPoissonDeviance,
  meanTweedieDeviance,
  type TweedieOptions,
} from "./deviances.ts";
export {
  d2AbsoluteErrorScore,
  d2PinballScore,
  d2TweedieScore,
  explainedVariance,
  r2Score,
} from "./explained.ts";
export { crpsEnsemble, crpsNormal, intervalCoverage, type IntervalCoverage } from "./distributions.ts";
export type { Numbers } from "./number-pairs.ts";

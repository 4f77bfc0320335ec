/** @file Tests of whether one model, or one way to learn, is better than another. */
export { bootstrapDifference, type BootstrapDifference } from "./bootstrap-difference.ts";
export { mcnemar, type McnemarOptions, type McnemarResult } from "./mcnemar.ts";
export {
  correctedResampledT,
  fiveByTwoF,
  fiveByTwoT,
  type FiveByTwo,
  type ResampledRows,
} from "./resampled-scores.ts";
export { wilcoxon } from "./wilcoxon.ts";
export type { TestResult } from "./comparison.ts";

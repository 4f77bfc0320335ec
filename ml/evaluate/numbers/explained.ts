/**
 * @file How much better predictions are than one number for all rows: 1 is perfect, 0 no better, below 0 worse. Definitions
 * follow scikit-learn's: a target that is the same everywhere gives 1 for perfect predictions and 0 for others.
 */
import { InvalidInputError } from "../../errors.ts";
import type { WeightOptions } from "../weights.ts";
import { meanTweedieDeviance, type TweedieOptions } from "./deviances.ts";
import { meanPinballLoss, meanSquaredError, type QuantileOptions } from "./errors-of-numbers.ts";
import {
  checkFinite,
  checkLengths,
  checkPairs,
  doubles,
  meanOfPairs,
  weightedQuantile,
  type Numbers,
} from "./number-pairs.ts";

/** The share of the variance that is explained. As scikit-learn's `r2_score`. */
export function r2Score(truth: Numbers, predicted: Numbers, options: WeightOptions = {}): number {
  requireTwo(truth);
  if (options.weights)
    return explained(meanSquaredError(truth, predicted, options), varianceOf(truth, options));
  checkLengths(truth, predicted);
  const [a, b] = [doubles(truth), doubles(predicted)];
  // Two sums that don't wait for one another take the time of one.
  let [errors, sum] = [0, 0];
  const first = a[0] ?? 0;
  for (let row = 0; row < a.length; row++) {
    const value = a[row] ?? 0;
    const difference = value - (b[row] ?? 0);
    errors += difference * difference;
    sum += value - first;
  }
  if (!Number.isFinite(errors)) checkFinite(truth, predicted);
  const mean = first + sum / a.length;
  let squares = 0;
  for (let row = 0; row < a.length; row++) squares += ((a[row] ?? 0) - mean) * ((a[row] ?? 0) - mean);
  return explained(errors, squares);
}

/** As {@link r2Score}, but a constant shift of the predictions costs nothing. As scikit-learn's `explained_variance_score`. */
export function explainedVariance(truth: Numbers, predicted: Numbers, options: WeightOptions = {}): number {
  checkPairs(truth, predicted, options.weights);
  const differences = Float64Array.from(truth, (value, row) => value - (predicted[row] ?? 0));
  return explained(varianceOf(differences, options), varianceOf(truth, options));
}

/**
 * The share of the Tweedie deviance that is explained. As scikit-learn's `d2_tweedie_score`.
 * @throws {@link InvalidInputError} as {@link meanTweedieDeviance}
 */
export function d2TweedieScore(truth: Numbers, predicted: Numbers, options: TweedieOptions = {}): number {
  requireTwo(truth);
  const deviance = meanTweedieDeviance(truth, predicted, options);
  return explained(deviance, meanTweedieDeviance(truth, constant(truth, meanOf(truth, options)), options));
}

/** The share of the pinball loss of a predicted quantile that is explained. As scikit-learn's `d2_pinball_score`. */
export function d2PinballScore(truth: Numbers, predicted: Numbers, options: QuantileOptions = {}): number {
  requireTwo(truth);
  const loss = meanPinballLoss(truth, predicted, options);
  const quantile = weightedQuantile(truth, options.weights, options.alpha ?? 0.5);
  return explained(loss, meanPinballLoss(truth, constant(truth, quantile), options));
}

/** The share of the absolute distance from the median that is explained. As scikit-learn's `d2_absolute_error_score`. */
export function d2AbsoluteErrorScore(
  truth: Numbers,
  predicted: Numbers,
  options: WeightOptions = {},
): number {
  return d2PinballScore(truth, predicted, { ...options, alpha: 0.5 });
}

function explained(error: number, whole: number): number {
  if (whole !== 0) return 1 - error / whole;
  return error === 0 ? 1 : 0;
}

/** By differences from the first number: equal numbers have exactly themselves as their mean, and so no variance. */
function meanOf(values: Numbers, options: WeightOptions): number {
  const numbers = doubles(values);
  const first = numbers[0] ?? 0;
  return first + meanOfPairs(numbers, numbers, options, (value) => value - first);
}

function varianceOf(values: Numbers, options: WeightOptions): number {
  const mean = meanOf(values, options);
  if (options.weights) return meanOfPairs(values, values, options, (value) => (value - mean) ** 2);
  const numbers = doubles(values);
  let sum = 0;
  for (let row = 0; row < numbers.length; row++) {
    const difference = (numbers[row] ?? 0) - mean;
    sum += difference * difference;
  }
  return sum / numbers.length;
}

function constant(values: Numbers, value: number): Float64Array {
  return new Float64Array(values.length).fill(value);
}

function requireTwo(truth: Numbers): void {
  if (truth.length === 1)
    throw new InvalidInputError("one row has no variance to be explained: at least 2 are needed");
}

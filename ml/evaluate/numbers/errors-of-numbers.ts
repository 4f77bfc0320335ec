/** @file How far predicted numbers are from the true ones. Definitions follow scikit-learn's. Lower is better. */
import { InvalidInputError } from "../../errors.ts";
import type { WeightOptions } from "../weights.ts";
import {
  checkFinite,
  checkLengths,
  checkPairs,
  doubles,
  meanOfPairs,
  quantileInPlace,
  weightedQuantile,
  type Numbers,
} from "./number-pairs.ts";

/** The mean distance, in the target's unit. As scikit-learn's `mean_absolute_error`. */
export function meanAbsoluteError(truth: Numbers, predicted: Numbers, options: WeightOptions = {}): number {
  if (options.weights) {
    checkPairs(truth, predicted, options.weights);
    return meanOfPairs(truth, predicted, options, (a, b) => Math.abs(a - b));
  }
  checkLengths(truth, predicted);
  const [a, b] = [doubles(truth), doubles(predicted)];
  let sum = 0;
  for (let row = 0; row < a.length; row++) sum += Math.abs((a[row] ?? 0) - (b[row] ?? 0));
  if (!Number.isFinite(sum)) checkFinite(truth, predicted);
  return sum / a.length;
}

/** The mean squared distance. As scikit-learn's `mean_squared_error`. */
export function meanSquaredError(truth: Numbers, predicted: Numbers, options: WeightOptions = {}): number {
  if (options.weights) {
    checkPairs(truth, predicted, options.weights);
    return meanOfPairs(truth, predicted, options, (a, b) => (a - b) ** 2);
  }
  checkLengths(truth, predicted);
  const [a, b] = [doubles(truth), doubles(predicted)];
  let sum = 0;
  for (let row = 0; row < a.length; row++) {
    const difference = (a[row] ?? 0) - (b[row] ?? 0);
    sum += difference * difference;
  }
  if (!Number.isFinite(sum)) checkFinite(truth, predicted);
  return sum / a.length;
}

/** The root of {@link meanSquaredError}, in the target's unit. */
export function rootMeanSquaredError(
  truth: Numbers,
  predicted: Numbers,
  options: WeightOptions = {},
): number {
  return Math.sqrt(meanSquaredError(truth, predicted, options));
}

/**
 * The mean squared distance of `log(1 + number)`. As scikit-learn's `mean_squared_log_error`.
 * @throws {@link InvalidInputError} for a number of -1 or less, too
 */
export function meanSquaredLogError(truth: Numbers, predicted: Numbers, options: WeightOptions = {}): number {
  checkPairs(truth, predicted, options.weights);
  requireAbove("true", truth, -1);
  requireAbove("predicted", predicted, -1);
  return meanOfPairs(truth, predicted, options, (a, b) => (Math.log1p(a) - Math.log1p(b)) ** 2);
}

/** The root of {@link meanSquaredLogError}. */
export function rootMeanSquaredLogError(
  truth: Numbers,
  predicted: Numbers,
  options: WeightOptions = {},
): number {
  return Math.sqrt(meanSquaredLogError(truth, predicted, options));
}

/**
 * The mean distance as a share of the true number (of 2⁻⁵² where that is nearer to 0). As scikit-learn's
 * `mean_absolute_percentage_error`; 1 is 100 %.
 */
export function meanAbsolutePercentageError(
  truth: Numbers,
  predicted: Numbers,
  options: WeightOptions = {},
): number {
  checkPairs(truth, predicted, options.weights);
  return meanOfPairs(
    truth,
    predicted,
    options,
    (a, b) => Math.abs(a - b) / Math.max(Math.abs(a), Number.EPSILON),
  );
}

/** The median distance, in the target's unit. As scikit-learn's `median_absolute_error`. */
export function medianAbsoluteError(
  truth: Numbers,
  predicted: Numbers,
  { weights }: WeightOptions = {},
): number {
  checkLengths(truth, predicted, weights);
  const [a, b] = [doubles(truth), doubles(predicted)];
  const distances = new Float64Array(a.length);
  let sum = 0;
  for (let row = 0; row < a.length; row++) {
    const distance = Math.abs((a[row] ?? 0) - (b[row] ?? 0));
    distances[row] = distance;
    sum += distance;
  }
  if (!Number.isFinite(sum)) checkFinite(truth, predicted);
  return weights ? weightedQuantile(distances, weights, 0.5) : quantileInPlace(distances, 0.5);
}

/** The largest distance, in the target's unit. As scikit-learn's `max_error`. */
export function maxError(truth: Numbers, predicted: Numbers): number {
  checkPairs(truth, predicted);
  let largest = 0;
  for (let row = 0; row < truth.length; row++)
    largest = Math.max(largest, Math.abs((truth[row] ?? 0) - (predicted[row] ?? 0)));
  return largest;
}

/** Settings of measures of a predicted quantile. */
export interface QuantileOptions extends WeightOptions {
  /** Which quantile was predicted; 0.5 where absent. */
  readonly alpha?: number;
}

/**
 * The pinball loss of a predicted quantile: numbers above it cost `alpha` times their distance, those below `1 - alpha`.
 * As scikit-learn's `mean_pinball_loss`.
 */
export function meanPinballLoss(
  truth: Numbers,
  predicted: Numbers,
  { alpha = 0.5, ...options }: QuantileOptions = {},
): number {
  if (!(alpha >= 0 && alpha <= 1)) throw new InvalidInputError(`alpha must be between 0 and 1, not ${alpha}`);
  checkPairs(truth, predicted, options.weights);
  return meanOfPairs(truth, predicted, options, (a, b) => (a > b ? alpha * (a - b) : (1 - alpha) * (b - a)));
}

/** Throws {@link InvalidInputError} where a number isn't above a bound. */
export function requireAbove(which: string, values: Numbers, bound: number): void {
  const numbers = doubles(values);
  let row = 0;
  while (row < numbers.length && (numbers[row] ?? 0) > bound) row += 1;
  if (row < numbers.length)
    throw new InvalidInputError(
      `the ${which} number of row ${row} is ${values[row]}: it must be above ${bound}`,
    );
}

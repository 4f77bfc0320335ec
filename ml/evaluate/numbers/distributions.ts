/** @file How good predicted distributions are: samples, normal distributions and intervals. */
import { InvalidInputError } from "../../errors.ts";
import { requireAbove } from "./errors-of-numbers.ts";
import { checkPairs, meanOfPairs, type Numbers } from "./number-pairs.ts";
import { logNormalDensity, normalCdf } from "../../normal-distribution.ts";
import type { WeightOptions } from "../weights.ts";

/**
 * The mean continuous ranked probability score of predicted normal distributions, in the target's unit; lower is better.
 * (Gneiting, Raftery, Westveld and Goldman, 2005.)
 * @throws {@link InvalidInputError} for no rows, unequal lengths, numbers that aren't finite, a deviation that isn't above 0
 */
export function crpsNormal(
  truth: Numbers,
  { means, deviations }: { readonly means: Numbers; readonly deviations: Numbers },
  options: WeightOptions = {},
): number {
  checkPairs(truth, means, options.weights);
  checkPairs(truth, deviations);
  requireAbove("predicted", deviations, 0);
  const scores = Float64Array.from(truth, (value, row) => {
    const deviation = deviations[row] ?? 1;
    const z = (value - (means[row] ?? 0)) / deviation;
    return (
      deviation * (z * (2 * normalCdf(z) - 1) + 2 * Math.exp(logNormalDensity(z)) - 1 / Math.sqrt(Math.PI))
    );
  });
  return meanOfPairs(scores, scores, options, (score) => score);
}

/**
 * The mean continuous ranked probability score of predicted samples: the mean distance of the samples from the truth less
 * half their mean distance from one another (Gneiting and Raftery, 2007, equation 21). Of one sample it is the absolute error.
 * @param samples row-major: equally many for each row
 * @throws {@link InvalidInputError} for no rows or samples, numbers that don't fit or aren't finite
 */
export function crpsEnsemble(truth: Numbers, samples: Numbers, { weights }: WeightOptions = {}): number {
  const count = samples.length / truth.length;
  if (!(Number.isInteger(count) && count >= 1))
    throw new InvalidInputError(
      `${samples.length} samples are not equally many for each of ${truth.length} rows`,
    );
  const rowOfSample = Float64Array.from(samples, (_, at) => truth[Math.floor(at / count)] ?? 0);
  checkPairs(rowOfSample, samples);
  const scores = Float64Array.from(truth, (value, row) => {
    const sorted = Float64Array.from(samples.slice(row * count, (row + 1) * count)).sort();
    let distance = 0;
    let spread = 0;
    for (const [at, sample] of sorted.entries()) {
      distance += Math.abs(sample - value);
      // Each sorted sample is added once for each one below it and subtracted once for each above.
      spread += sample * (2 * at - count + 1);
    }
    return distance / count - spread / count ** 2;
  });
  checkPairs(truth, scores, weights);
  return meanOfPairs(scores, scores, weights ? { weights } : {}, (score) => score);
}

/** What predicted intervals hold. */
export interface IntervalCoverage {
  /** The share of rows whose true number is in the interval, ends included. */
  readonly coverage: number;
  /** The mean width, in the target's unit. */
  readonly meanWidth: number;
}

/**
 * How often predicted intervals hold what happened, and how wide they are.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, numbers that aren't finite, an end below its start
 */
export function intervalCoverage(
  truth: Numbers,
  { low, high }: { readonly low: Numbers; readonly high: Numbers },
  options: WeightOptions = {},
): IntervalCoverage {
  checkPairs(truth, low, options.weights);
  checkPairs(truth, high);
  const reversed = low.findIndex((value, row) => value > (high[row] ?? value));
  if (reversed >= 0)
    throw new InvalidInputError(
      `the interval of row ${reversed} is from ${low[reversed]} to ${high[reversed]}, which is none`,
    );
  const held = Float64Array.from(truth, (value, row) =>
    value >= (low[row] ?? 0) && value <= (high[row] ?? 0) ? 1 : 0,
  );
  return {
    coverage: meanOfPairs(held, held, options, (value) => value),
    meanWidth: meanOfPairs(low, high, options, (a, b) => b - a),
  };
}

/** @file Deviances of the Tweedie family: squared, Poisson, gamma and between. Definitions follow scikit-learn's. */
import { InvalidInputError } from "../../errors.ts";
import type { WeightOptions } from "../weights.ts";
import { requireAbove } from "./errors-of-numbers.ts";
import { checkFinite, checkLengths, doubles, meanOfPairs, type Numbers } from "./number-pairs.ts";

/** Settings of {@link meanTweedieDeviance}. */
export interface TweedieOptions extends WeightOptions {
  /** 0 normal, 1 Poisson, 1 to 2 compound Poisson, 2 gamma, 3 inverse Gaussian, below 0 extreme stable; 0 where absent. */
  readonly power?: number;
}

/**
 * The mean deviance of a Tweedie distribution. As scikit-learn's `mean_tweedie_deviance`.
 * @throws {@link InvalidInputError} for a power between 0 and 1, and for numbers that the distribution cannot have
 */
export function meanTweedieDeviance(
  truth: Numbers,
  predicted: Numbers,
  { power = 0, ...options }: TweedieOptions = {},
): number {
  checkLengths(truth, predicted, options.weights);
  checkDomain(truth, predicted, power);
  const mean = meanOfPairs(truth, predicted, options, devianceOf(power));
  if (!Number.isFinite(mean)) checkFinite(truth, predicted);
  return mean;
}

/** The mean deviance of a Poisson distribution: of counts. As scikit-learn's `mean_poisson_deviance`. */
export function meanPoissonDeviance(truth: Numbers, predicted: Numbers, options: WeightOptions = {}): number {
  return meanTweedieDeviance(truth, predicted, { ...options, power: 1 });
}

/** The mean deviance of a gamma distribution: of sizes. As scikit-learn's `mean_gamma_deviance`. */
export function meanGammaDeviance(truth: Numbers, predicted: Numbers, options: WeightOptions = {}): number {
  return meanTweedieDeviance(truth, predicted, { ...options, power: 2 });
}

function checkDomain(truth: Numbers, predicted: Numbers, power: number): void {
  if (Number.isNaN(power) || (power > 0 && power < 1))
    throw new InvalidInputError(
      `there is no Tweedie distribution of power ${power}: 0, or 1 and more, or below 0`,
    );
  if (power === 0) return;
  requireAbove("predicted", predicted, 0);
  if (power >= 2) requireAbove("true", truth, 0);
  else if (power >= 1) {
    const numbers = doubles(truth);
    let row = 0;
    while (row < numbers.length && (numbers[row] ?? 0) >= 0) row += 1;
    if (row < numbers.length)
      throw new InvalidInputError(`the true number of row ${row} is ${truth[row]}: it must be from 0 up`);
  }
}

/** Twice the difference of the log-likelihoods of a perfect and of the given prediction. */
function devianceOf(power: number): (truth: number, predicted: number) => number {
  if (power === 0) return (y, mean) => (y - mean) ** 2;
  if (power === 1) return (y, mean) => 2 * ((y === 0 ? 0 : y * Math.log(y / mean)) - y + mean);
  if (power === 2) return (y, mean) => 2 * (Math.log(mean / y) + y / mean - 1);
  return (y, mean) => {
    const own = (power < 0 ? Math.max(y, 0) : y) ** (2 - power) / ((1 - power) * (2 - power));
    return 2 * (own - (y * mean ** (1 - power)) / (1 - power) + mean ** (2 - power) / (2 - power));
  };
}

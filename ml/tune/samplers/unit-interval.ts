/** @file Numeric parameters on the interval from 0 to 1: logarithms where they have a log scale, steps of equal width. */
import type { NumericDistribution } from "../distributions.ts";
import { clamp, nearestStep } from "./sampler.ts";

/** Where a value stands between the ends of its distribution. */
export function toUnit(distribution: NumericDistribution, value: number): number {
  const { low, high } = ends(distribution);
  return ((distribution.log ? Math.log(value) : value) - low) / (high - low);
}

/** The value that stands at a place from 0 to 1. */
export function fromUnit(distribution: NumericDistribution, place: number): number {
  const { low, high } = ends(distribution);
  const scaled = low + place * (high - low);
  const value = distribution.log ? Math.exp(scaled) : scaled;
  return distribution.step === undefined
    ? clamp(value, distribution.low, distribution.high)
    : nearestStep(distribution, value);
}

/** Half a step beyond the limits, so that the first and the last value have as much room as the others. */
function ends({ low, high, log, step = 0 }: NumericDistribution): {
  readonly low: number;
  readonly high: number;
} {
  const [from, to] = [low - step / 2, high + step / 2];
  return log ? { low: Math.log(from), high: Math.log(to) } : { low: from, high: to };
}

/**
 * @file The kernels of one parameter in a Parzen estimator: one for each observation and, last, one for the prior.
 *
 * Numbers have truncated normal distributions, on the log scale where the parameter has one; with steps, the mass of the
 * interval around each. The widths are Optuna's (optuna/samplers/_tpe/parzen_estimator.py, with its defaults: prior weight 1,
 * magic clip, ends not considered), after Bergstra et al., "Algorithms for hyper-parameter optimization", 2011.
 */
import type { Random } from "../../random.ts";
import type { CategoricalDistribution, Distribution, NumericDistribution } from "../distributions.ts";
import { logNormalDensity, normalCdf, normalMass, normalQuantile } from "../../normal-distribution.ts";
import { clamp, nearestStep } from "./sampler.ts";

/** The kernels of one parameter. */
export interface ParameterKernels {
  /** A value drawn of one of the kernels. */
  sample(kernel: number, random: Random): number;
  /** Adds to `sums` the log density or log probability of a value under each kernel. */
  addLogDensities(value: number, sums: Float64Array): void;
}

/** The kernels of observed values, each a sampler's number; they are not changed. */
export function parameterKernels(distribution: Distribution, observed: Float64Array): ParameterKernels {
  return distribution.kind === "categorical"
    ? new CategoricalKernels(distribution, observed)
    : new NumericKernels(distribution, observed);
}

class CategoricalKernels implements ParameterKernels {
  readonly #observed: Float64Array;
  readonly #choices: number;
  /** The probability of what a kernel observed, and of each other choice. */
  readonly #same: number;
  readonly #other: number;

  constructor({ choices }: CategoricalDistribution, observed: Float64Array) {
    this.#observed = observed;
    this.#choices = choices.length;
    const kernels = observed.length + 1;
    const total = 1 + choices.length / kernels;
    this.#same = (1 + 1 / kernels) / total;
    this.#other = 1 / kernels / total;
  }

  sample(kernel: number, random: Random): number {
    const observed = this.#observed[kernel];
    const drawn = random.uniform();
    if (observed === undefined) return Math.floor(drawn * this.#choices);
    const extra = this.#same - this.#other;
    return drawn < extra ? observed : Math.min(this.#choices - 1, Math.floor((drawn - extra) / this.#other));
  }

  addLogDensities(value: number, sums: Float64Array): void {
    const [same, other] = [Math.log(this.#same), Math.log(this.#other)];
    const prior = this.#observed.length;
    for (let kernel = 0; kernel < prior; kernel++)
      sums[kernel] = (sums[kernel] ?? 0) + (this.#observed[kernel] === value ? same : other);
    sums[prior] = (sums[prior] ?? 0) - Math.log(this.#choices);
  }
}

class NumericKernels implements ParameterKernels {
  readonly #distribution: NumericDistribution;
  /** The ends, on the log scale where there is one, half a step beyond the limits where there are steps. */
  readonly #low: number;
  readonly #high: number;
  readonly #means: Float64Array;
  readonly #widths: Float64Array;
  /** The log of what a kernel's density between the ends must be divided by. */
  readonly #logScales: Float64Array;

  constructor(distribution: NumericDistribution, observed: Float64Array) {
    this.#distribution = distribution;
    const half = (distribution.step ?? 0) / 2;
    this.#low = this.#scaled(distribution.low - half);
    this.#high = this.#scaled(distribution.high + half);
    const range = this.#high - this.#low;
    const means = new Float64Array(observed.length + 1);
    for (const [index, value] of observed.entries()) means[index] = this.#scaled(value);
    this.#means = means;
    this.#widths = kernelWidths(means.subarray(0, -1), this.#low, this.#high);
    means[observed.length] = (this.#low + this.#high) / 2;
    this.#widths[observed.length] = range;
    const isDiscrete = distribution.step !== undefined;
    this.#logScales = means.map((mean, kernel) => {
      const width = this.#widths[kernel] ?? range;
      const mass = normalMass((this.#low - mean) / width, (this.#high - mean) / width);
      return Math.log(mass) + (isDiscrete ? 0 : Math.log(width));
    });
  }

  sample(kernel: number, random: Random): number {
    const { low, high, log, step } = this.#distribution;
    const mean = this.#means[kernel] ?? 0;
    const width = this.#widths[kernel] ?? 1;
    const from = normalCdf((this.#low - mean) / width);
    const to = normalCdf((this.#high - mean) / width);
    const drawn = mean + width * normalQuantile(from + random.uniform() * (to - from));
    const scaled = clamp(drawn, this.#low, this.#high);
    const value = log ? Math.exp(scaled) : scaled;
    return step === undefined ? clamp(value, low, high) : nearestStep(this.#distribution, value);
  }

  addLogDensities(value: number, sums: Float64Array): void {
    const { step } = this.#distribution;
    const means = this.#means;
    if (step === undefined) {
      const at = this.#scaled(value);
      for (let kernel = 0; kernel < means.length; kernel++) {
        const distance = (at - (means[kernel] ?? 0)) / (this.#widths[kernel] ?? 1);
        sums[kernel] = (sums[kernel] ?? 0) + logNormalDensity(distance) - (this.#logScales[kernel] ?? 0);
      }
      return;
    }
    const left = this.#scaled(value - step / 2);
    const right = this.#scaled(value + step / 2);
    for (let kernel = 0; kernel < means.length; kernel++) {
      const mean = means[kernel] ?? 0;
      const width = this.#widths[kernel] ?? 1;
      const mass = normalMass((left - mean) / width, (right - mean) / width);
      sums[kernel] = (sums[kernel] ?? 0) + Math.log(mass) - (this.#logScales[kernel] ?? 0);
    }
  }

  #scaled(value: number): number {
    return this.#distribution.log ? Math.log(value) : value;
  }
}

/**
 * The width of each observation's kernel, with a place for the prior's at the end: the distance to the farther of its two
 * neighbours, at the ends to the only one, but neither more than the range nor less than a share of it that falls with
 * the number of observations.
 */
function kernelWidths(observed: Float64Array, low: number, high: number): Float64Array {
  const count = observed.length;
  const widths = new Float64Array(count + 1);
  const order = Array.from(observed.keys()).sort((a, b) => (observed[a] ?? 0) - (observed[b] ?? 0) || a - b);
  const range = high - low;
  const least = range / Math.min(100, count + 2);
  for (const [rank, index] of order.entries()) {
    const here = observed[index] ?? 0;
    const before = rank > 0 ? (observed[order[rank - 1] ?? 0] ?? 0) : low;
    const after = rank < count - 1 ? (observed[order[rank + 1] ?? 0] ?? 0) : high;
    let width = Math.max(here - before, after - here);
    if (count >= 2 && rank === 0) width = after - here;
    else if (count >= 2 && rank === count - 1) width = here - before;
    widths[index] = clamp(width, least, range);
  }
  return widths;
}

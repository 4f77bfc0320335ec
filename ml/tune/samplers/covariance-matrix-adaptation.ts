/**
 * @file CMA-ES: a normal distribution that moves and stretches towards good solutions, in the unit cube. Hansen, "The CMA
 * evolution strategy: a tutorial", 2016; constants and the treatment of limits as the package `cmaes` (release 0.13), which
 * Optuna uses.
 */
import { symmetricEigen } from "../../features/decomposition/symmetric-eigen.ts";
import type { Random } from "../../random.ts";
import { clamp } from "./sampler.ts";

/** A point with its value; low values are good. */
export interface Solution {
  readonly point: Float64Array;
  readonly value: number;
}

/** What depends on the number of dimensions alone. */
interface Constants {
  readonly population: number;
  readonly parents: number;
  readonly weights: Float64Array;
  readonly effective: number;
  readonly rankOne: number;
  readonly rankMu: number;
  readonly stepCumulation: number;
  readonly stepDamping: number;
  readonly pathCumulation: number;
  /** The expected length of a standard normal vector. */
  readonly expectedLength: number;
}

const largestStep = 1e32;

/** The distribution and what it learns from. */
export class CovarianceMatrixAdaptation {
  readonly #constants: Constants;
  readonly #dimensions: number;
  readonly #mean: Float64Array;
  #step = 1 / 6;
  #covariance: Float64Array;
  #stepPath: Float64Array;
  #path: Float64Array;
  #axes: Axes | undefined;
  #generation = 0;

  /** Begins in the middle of the cube. */
  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#constants = constantsOf(dimensions);
    this.#mean = new Float64Array(dimensions).fill(0.5);
    this.#covariance = identity(dimensions);
    this.#stepPath = new Float64Array(dimensions);
    this.#path = new Float64Array(dimensions);
  }

  get populationSize(): number {
    return this.#constants.population;
  }

  /** How often it has learned. */
  get generation(): number {
    return this.#generation;
  }

  /** The mean, the step and the covariance, row by row. */
  get distribution(): {
    readonly mean: Float64Array;
    readonly step: number;
    readonly covariance: Float64Array;
  } {
    return { mean: this.#mean.slice(), step: this.#step, covariance: this.#covariance.slice() };
  }

  /** A point in the cube: drawn again where it is outside, and put onto the border after many times. */
  ask(random: Random): Float64Array {
    let point = this.#draw(random);
    for (let again = 0; again < 10 * this.#dimensions && !isInside(point); again++)
      point = this.#draw(random);
    return point.map((value) => clamp(value, 0, 1));
  }

  /** Learns from a whole population. */
  tell(solutions: readonly Solution[]): void {
    const { parents, weights, effective, expectedLength, pathCumulation, rankOne, rankMu } = this.#constants;
    const { stepCumulation, stepDamping } = this.#constants;
    const size = this.#dimensions;
    this.#generation++;
    const sorted = solutions.toSorted((a, b) => (a.value === b.value ? 0 : a.value < b.value ? -1 : 1));
    const steps = sorted.map(({ point }) =>
      point.map((value, at) => (value - (this.#mean[at] ?? 0)) / this.#step),
    );
    const axes = this.#principalAxes();
    const meanStep = new Float64Array(size);
    for (let parent = 0; parent < parents; parent++)
      addScaled(meanStep, steps[parent] ?? meanStep, weights[parent] ?? 0);
    addScaled(this.#mean, meanStep, this.#step);

    this.#stepPath = this.#stepPath.map((value) => (1 - stepCumulation) * value);
    const whitened = whiten(axes, meanStep);
    addScaled(this.#stepPath, whitened, Math.sqrt(stepCumulation * (2 - stepCumulation) * effective));
    const length = Math.hypot(...this.#stepPath);
    this.#step *= Math.exp((stepCumulation / stepDamping) * (length / expectedLength - 1));
    this.#step = Math.min(this.#step, largestStep);

    const settled = length / Math.sqrt(1 - (1 - stepCumulation) ** (2 * (this.#generation + 1)));
    const isStalled = settled >= (1.4 + 2 / (size + 1)) * expectedLength;
    this.#path = this.#path.map((value) => (1 - pathCumulation) * value);
    if (!isStalled)
      addScaled(this.#path, meanStep, Math.sqrt(pathCumulation * (2 - pathCumulation) * effective));
    const lost = isStalled ? pathCumulation * (2 - pathCumulation) : 0;
    const kept = 1 + rankOne * lost - rankOne - rankMu * weights.reduce((sum, weight) => sum + weight, 0);
    const covariance = this.#covariance.map((value) => kept * value);
    addOuter(covariance, this.#path, rankOne);
    for (const [rank, step] of steps.entries()) {
      const weight = weights[rank] ?? 0;
      const scale = weight >= 0 ? 1 : size / (squaredLength(whiten(axes, step)) + 1e-8);
      addOuter(covariance, step, rankMu * weight * scale);
    }
    this.#covariance = covariance;
    this.#axes = undefined;
  }

  #draw(random: Random): Float64Array {
    const { vectors, lengths } = this.#principalAxes();
    const point = this.#mean.slice();
    const size = this.#dimensions;
    for (let axis = 0; axis < size; axis++) {
      const along = this.#step * (lengths[axis] ?? 0) * random.normal();
      for (let at = 0; at < size; at++)
        point[at] = (point[at] ?? 0) + along * (vectors[axis * size + at] ?? 0);
    }
    return point;
  }

  /** The axes of the covariance, which is made what they say: errors of rounding must not make it indefinite. */
  #principalAxes(): Axes {
    if (this.#axes) return this.#axes;
    const { values, vectors } = symmetricEigen(this.#covariance, this.#dimensions);
    const squared = values.map((value) => (value < 0 ? 1e-8 : value));
    const covariance = new Float64Array(this.#covariance.length);
    const size = this.#dimensions;
    for (const [axis, value] of squared.entries())
      addOuter(covariance, vectors.subarray(axis * size, (axis + 1) * size), value);
    this.#covariance = covariance;
    this.#axes = { vectors, lengths: squared.map(Math.sqrt) };
    return this.#axes;
  }
}

interface Axes {
  /** One unit vector after another. */
  readonly vectors: Float64Array;
  readonly lengths: Float64Array;
}

/** How many solutions it learns of at once. */
export function populationSize(dimensions: number): number {
  return 4 + Math.floor(3 * Math.log(dimensions));
}

/** Equations 48 to 58 of the tutorial. */
function constantsOf(dimensions: number): Constants {
  const n = dimensions;
  const population = populationSize(n);
  const parents = Math.floor(population / 2);
  const raw = Float64Array.from(
    { length: population },
    (_, rank) => Math.log((population + 1) / 2) - Math.log(rank + 1),
  );
  const effective = effectiveSize(raw.subarray(0, parents));
  const effectiveRest = effectiveSize(raw.subarray(parents));
  const rankOne = 2 / ((n + 1.3) ** 2 + effective);
  const rankMu = Math.min(
    1 - rankOne - 1e-8,
    (2 * (effective - 2 + 1 / effective)) / ((n + 2) ** 2 + effective),
  );
  const negative = Math.min(
    1 + rankOne / rankMu,
    1 + (2 * effectiveRest) / (effective + 2),
    (1 - rankOne - rankMu) / (n * rankMu),
  );
  const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
  const above = sumOf(raw.filter((weight) => weight > 0));
  const below = -sumOf(raw.filter((weight) => weight < 0));
  const stepCumulation = (effective + 2) / (n + effective + 5);
  return {
    population,
    parents,
    weights: raw.map((weight) => (weight >= 0 ? weight / above : (negative * weight) / below)),
    effective,
    rankOne,
    rankMu,
    stepCumulation,
    stepDamping: 1 + 2 * Math.max(0, Math.sqrt((effective - 1) / (n + 1)) - 1) + stepCumulation,
    pathCumulation: (4 + effective / n) / (n + 4 + (2 * effective) / n),
    expectedLength: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n ** 2)),
  };
}

/** How many equal weights would have the same variance. */
function effectiveSize(weights: Float64Array): number {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return sum ** 2 / squaredLength(weights);
}

/** A vector by the inverse square root of the covariance. */
function whiten({ vectors, lengths }: Axes, vector: Float64Array): Float64Array {
  const size = vector.length;
  const result = new Float64Array(size);
  for (const [axis, length] of lengths.entries()) {
    const direction = vectors.subarray(axis * size, (axis + 1) * size);
    let along = 0;
    for (const [at, value] of direction.entries()) along += value * (vector[at] ?? 0);
    addScaled(result, direction, along / length);
  }
  return result;
}

function addScaled(sum: Float64Array, vector: Float64Array, scale: number): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + scale * (vector[at] ?? 0);
}

function addOuter(matrix: Float64Array, vector: Float64Array, scale: number): void {
  const size = vector.length;
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      matrix[row * size + column] =
        (matrix[row * size + column] ?? 0) + scale * (vector[row] ?? 0) * (vector[column] ?? 0);
}

function squaredLength(vector: Float64Array): number {
  return vector.reduce((sum, value) => sum + value * value, 0);
}

function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let at = 0; at < size; at++) matrix[at * size + at] = 1;
  return matrix;
}

function isInside(point: Float64Array): boolean {
  return point.every((value) => value >= 0 && value <= 1);
}

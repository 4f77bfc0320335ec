/** @file The two steps of expectation-maximization of a mixture of normal distributions. */
import type { DenseMatrix } from "../dense-matrix.ts";
import { mostQueries } from "../distances/packed-rows.ts";
import type { Turns } from "../turns.ts";
import { covarianceCount, MixtureDensities, type CovarianceType, type Mixture } from "./mixture-densities.ts";
import { WeightedProducts } from "./weighted-products.ts";

const rowsBetweenTurns = 512;

/** Rows' shares in components. */
export interface Expectation {
  /** Rows by components, each row's sum 1. */
  readonly shares: Float64Array;
  /** The logarithm of the mixture's density at each row. */
  readonly logDensities: Float64Array;
}

/** How much of each row each component has made, by Bayes' rule. */
export async function expectation(matrix: DenseMatrix, mixture: Mixture, turns: Turns): Promise<Expectation> {
  const densities = new MixtureDensities(mixture);
  const count = mixture.weights.length;
  const shares = new Float64Array(matrix.rows * count);
  const logDensities = new Float64Array(matrix.rows);
  for (let from = 0; from < matrix.rows; from += mostQueries) {
    const to = Math.min(matrix.rows, from + mostQueries);
    densities.logarithms(matrix, from, to, shares.subarray(from * count, to * count));
    if (turns.due) await turns.give();
  }
  for (let row = 0; row < matrix.rows; row++) {
    const start = row * count;
    let largest = -Infinity;
    for (let at = start; at < start + count; at++) largest = Math.max(largest, shares[at] ?? 0);
    let sum = 0;
    for (let at = start; at < start + count; at++) {
      const share = Math.exp((shares[at] ?? 0) - largest);
      shares[at] = share;
      sum += share;
    }
    logDensities[row] = largest + Math.log(sum);
    for (let at = start; at < start + count; at++) shares[at] = (shares[at] ?? 0) / sum;
  }
  return { shares, logDensities };
}

/** The distributions that rows of such shares are likeliest in. `regCovar` is added to all variances. */
export async function maximization(
  { data, rows, columns }: DenseMatrix,
  shares: Float64Array,
  type: CovarianceType,
  regCovar: number,
  turns: Turns,
): Promise<Mixture> {
  const width = columns.length;
  const count = shares.length / rows;
  // As scikit-learn: no component is ever without a row.
  const totals = new Float64Array(count).fill(10 * Number.EPSILON);
  const means = new Float64Array(count * width);
  const each = async (visit: (row: number, component: number, share: number) => void): Promise<void> => {
    for (let row = 0; row < rows; row++) {
      if (row % rowsBetweenTurns === 0 && turns.due) await turns.give();
      for (let component = 0; component < count; component++) {
        const share = shares[row * count + component] ?? 0;
        if (share > 0) visit(row, component, share);
      }
    }
  };
  await each((row, component, share) => {
    totals[component] = (totals[component] ?? 0) + share;
    for (let from = row * width, to = component * width; from < (row + 1) * width; from++, to++)
      means[to] = (means[to] ?? 0) + share * (data[from] ?? 0);
  });
  for (const at of means.keys()) means[at] = (means[at] ?? 0) / (totals[Math.floor(at / width)] ?? 1);
  const covariances = new Float64Array(covarianceCount(type, count, width));
  const isSquare = type === "full" || type === "tied";
  if (isSquare) {
    const square = width * width;
    const sums = new WeightedProducts(width);
    for (let component = 0; component < count; component++) {
      const start = type === "full" ? component * square : 0;
      const products = covariances.subarray(start, start + square);
      const mean = means.subarray(component * width, (component + 1) * width);
      await sums.add({ data, rows, columns }, mean, { shares, component, count }, products, turns);
    }
  } else
    await each((row, component, share) => {
      for (let column = 0; column < width; column++) {
        const at = type === "diag" ? component * width + column : component;
        const difference = (data[row * width + column] ?? 0) - (means[component * width + column] ?? 0);
        covariances[at] = (covariances[at] ?? 0) + share * difference ** 2;
      }
    });
  const all = totals.reduce((sum, total) => sum + total, 0);
  const size = covariances.length / (type === "tied" ? 1 : count);
  for (const at of covariances.keys()) {
    const total = totals[Math.floor(at / size)] ?? 1;
    const divisor = type === "tied" ? all : type === "spherical" ? total * width : total;
    const isVariance = !isSquare || (at % (width * width)) % (width + 1) === 0;
    covariances[at] = (covariances[at] ?? 0) / divisor + (isVariance ? regCovar : 0);
  }
  return { covarianceType: type, weights: totals.map((total) => total / all), means, covariances };
}

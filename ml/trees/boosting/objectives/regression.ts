/** @file The objectives of numbers: squared error, Poisson deviance, quantiles. */
import { type Objective, partsOf, weightedMean } from "./objective.ts";

/** (score - target)² / 2; the loss that is shown is the root of the mean squared error. */
export const squaredError: Objective = {
  outputs: 1,
  link: "identity",
  metric: "rmse",
  base: (targets, weights) =>
    Float64Array.of(weightedMean(targets.length, weights, (row) => targets[row] ?? 0)),
  writePairs: ({ crew }, places) =>
    void crew.call(
      "squaredErrorPairs",
      partsOf(places, crew).map(({ scores, targets, weights, count, pairs }) => [
        scores,
        targets,
        weights,
        count,
        pairs,
      ]),
    ),
  loss: ({ scores: [scores], targets, weights }) =>
    Math.sqrt(
      weightedMean(targets.length, weights, (row) => ((scores?.[row] ?? 0) - (targets[row] ?? 0)) ** 2),
    ),
};

/**
 * The negative log-likelihood of counts whose mean is the score's exponential, without the term of the counts alone;
 * `maxDeltaStep` makes second derivatives larger, as in XGBoost, against steps that are too long.
 */
export function poisson(maxDeltaStep: number): Objective {
  return {
    outputs: 1,
    link: "exp",
    metric: "poisson",
    base: (targets, weights) =>
      Float64Array.of(Math.log(weightedMean(targets.length, weights, (row) => targets[row] ?? 0))),
    writePairs: ({ crew }, places) =>
      void crew.call(
        "poissonPairs",
        partsOf(places, crew).map(({ scores, targets, weights, count, pairs }) => [
          scores,
          targets,
          weights,
          count,
          pairs,
          Math.exp(maxDeltaStep),
        ]),
      ),
    loss: ({ scores: [scores], targets, weights }) =>
      weightedMean(targets.length, weights, (row) => {
        const score = scores?.[row] ?? 0;
        return Math.exp(score) - (targets[row] ?? 0) * score;
      }),
  };
}

/**
 * The pinball loss of a quantile (Koenker and Bassett, "Regression quantiles", 1978). Splits are found by its gradients;
 * a leaf's value is the quantile of its rows' residuals.
 */
export function quantile(alpha: number): Objective {
  return {
    outputs: 1,
    link: "identity",
    metric: "pinball",
    base: (targets, weights) => Float64Array.of(quantileOf(Float64Array.from(targets), weights, alpha)),
    writePairs: ({ crew }, places) =>
      void crew.call(
        "quantilePairs",
        partsOf(places, crew).map(({ scores, targets, weights, count, pairs }) => [
          scores,
          targets,
          weights,
          count,
          pairs,
          alpha,
        ]),
      ),
    loss: ({ scores: [scores], targets, weights }) =>
      weightedMean(targets.length, weights, (row) => {
        const error = (targets[row] ?? 0) - (scores?.[row] ?? 0);
        return error >= 0 ? alpha * error : (alpha - 1) * error;
      }),
    leafValue: (rows, { scores: [scores], targets, weights }) => {
      const residuals = Float64Array.from(rows, (row) => (targets[row] ?? 0) - (scores?.[row] ?? 0));
      const own = weights && Float32Array.from(rows, (row) => weights[row] ?? 0);
      return quantileOf(residuals, own, alpha);
    },
  };
}

/** A quantile: interpolated linearly, or with weights the least value below or at which their share lies. */
function quantileOf(values: Float64Array, weights: Float32Array | undefined, alpha: number): number {
  if (values.length === 0) return 0;
  if (!weights) {
    const sorted = values.sort();
    const position = alpha * (sorted.length - 1);
    const low = sorted[Math.floor(position)] ?? 0;
    const high = sorted[Math.ceil(position)] ?? 0;
    return low + (high - low) * (position - Math.floor(position));
  }
  const order = Uint32Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let held = 0;
  for (const place of order) {
    held += weights[place] ?? 0;
    if (held >= alpha * total) return values[place] ?? 0;
  }
  return values[order.at(-1) ?? 0] ?? 0;
}

/** @file The objectives of classes: logistic for two, softmax for more. Targets are the classes' numbers. */
import { type Objective, partsOf, weightedMean } from "./objective.ts";

/** Keeps log-odds of classes without weight finite. */
const leastShare = 1e-12;

/** Log-loss of the logistic function of the score. */
export const logistic: Objective = {
  outputs: 1,
  link: "sigmoid",
  metric: "log-loss",
  base: (targets, weights) => {
    const share = weightedMean(targets.length, weights, (row) => targets[row] ?? 0);
    return Float64Array.of(Math.log(Math.max(share, leastShare) / Math.max(1 - share, leastShare)));
  },
  writePairs: ({ crew }, places) =>
    void crew.call(
      "logisticPairs",
      partsOf(places, crew).map(({ scores, targets, weights, count, pairs }) => [
        scores,
        targets,
        weights,
        count,
        pairs,
      ]),
    ),
  loss: ({ scores: [scores], targets, weights }) =>
    weightedMean(targets.length, weights, (row) => {
      const score = targets[row] === 1 ? -(scores?.[row] ?? 0) : (scores?.[row] ?? 0);
      return Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score)));
    }),
};

/** Log-loss of the softmax of a score for each class. */
export function softmax(classes: number): Objective {
  return {
    outputs: classes,
    link: "softmax",
    metric: "log-loss",
    base: (targets, weights) =>
      Float64Array.from({ length: classes }, (_, place) =>
        Math.log(
          Math.max(
            weightedMean(targets.length, weights, (row) => (targets[row] === place ? 1 : 0)),
            leastShare,
          ),
        ),
      ),
    writePairs: ({ crew }, places) =>
      void crew.call(
        "softmaxPairs",
        partsOf(places, crew).map(({ scores, scoreBytes, targets, weights, count, pairs, pairBytes }) => [
          scores,
          targets,
          weights,
          count,
          pairs,
          classes,
          scoreBytes,
          pairBytes,
        ]),
      ),
    loss: ({ scores, targets, weights }) =>
      weightedMean(targets.length, weights, (row) => {
        let most = Number.NEGATIVE_INFINITY;
        for (const output of scores) most = Math.max(most, output[row] ?? 0);
        let sum = 0;
        for (const output of scores) sum += Math.exp((output[row] ?? 0) - most);
        return most + Math.log(sum) - (scores[targets[row] ?? 0]?.[row] ?? 0);
      }),
  };
}

/** @file Decisions of machines as probabilities by a logistic function of each. */
import type { Sigmoid } from "../platt-sigmoid.ts";

/**
 * The probability of each class, row-major: of two classes the second has the one sigmoid, of more each has its own and
 * they are divided by their sum. `decisions` are those of `classDecisions`.
 */
export function sigmoidProbabilities(
  decisions: Float64Array,
  sigmoids: readonly Sigmoid[],
  classes: number,
): Float64Array {
  const width = sigmoids.length;
  const rows = decisions.length / width;
  const probabilities = new Float64Array(rows * classes);
  const of = (row: number, at: number): number => {
    const { slope, intercept } = sigmoids[at] ?? { slope: 0, intercept: 0 };
    return 1 / (1 + Math.exp(-(slope * (decisions[row * width + at] ?? 0) + intercept)));
  };
  for (let row = 0; row < rows; row++) {
    const start = row * classes;
    if (classes === 2) {
      const probability = of(row, 0);
      probabilities[start] = 1 - probability;
      probabilities[start + 1] = probability;
      continue;
    }
    let sum = 0;
    for (let code = 0; code < classes; code++) {
      probabilities[start + code] = of(row, code);
      sum += probabilities[start + code] ?? 0;
    }
    for (let at = start; at < start + classes; at++)
      probabilities[at] = sum > 0 ? (probabilities[at] ?? 0) / sum : 1 / classes;
  }
  return probabilities;
}

/** @file What each threshold lets through: the counts that every curve and area over scores is made of. */
import type { BinaryLabels } from "../labels.ts";
import { fallingOrder } from "./order.ts";
import { countBothClasses, countClasses, zerosAndOnes, type Scores } from "./scores.ts";
import { checkWeights, type Weights } from "./weights.ts";

/** The distinct scores from the highest down, with the weight of the rows at or above each. */
export interface ScoreSteps {
  readonly thresholds: Float64Array;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
  /** The weight of all positives and of all negatives. */
  readonly totals: { readonly positives: number; readonly negatives: number };
}

/**
 * Counts what each distinct score lets through. Rows of weight zero are left out, as in scikit-learn.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, NaN, bad weights, or one class only where both are needed
 */
export function scoreSteps(
  labels: BinaryLabels,
  scores: Scores,
  weights: Weights | undefined,
  needs: "both classes" | "any",
): ScoreSteps {
  if (needs === "both classes") countBothClasses(labels, scores);
  else countClasses(labels, scores);
  checkWeights(weights, labels.length);
  const isPositive = zerosAndOnes(labels);
  const { order, keys, values } = fallingOrder(scores);
  const rows = order.length;
  const thresholds = new Float64Array(rows);
  const positives = new Float64Array(rows);
  const negatives = new Float64Array(rows);
  let steps = 0;
  let positive = 0;
  let negative = 0;
  let isWeighed = false;
  for (let at = 0; at < rows; at++) {
    const row = order[at] ?? 0;
    const weight = weights === undefined ? 1 : (weights[row] ?? 0);
    if (isPositive[row] === 1) positive += weight;
    else negative += weight;
    isWeighed ||= weight !== 0;
    const isSame = keys[at] === keys[at + 1] && values[row] === values[order[at + 1] ?? 0];
    if ((isSame && at + 1 < rows) || !isWeighed) continue;
    thresholds[steps] = values[row] ?? 0;
    positives[steps] = positive;
    negatives[steps] = negative;
    steps += 1;
    isWeighed = false;
  }
  return {
    thresholds: thresholds.subarray(0, steps),
    positives: positives.subarray(0, steps),
    negatives: negatives.subarray(0, steps),
    totals: { positives: positive, negatives: negative },
  };
}

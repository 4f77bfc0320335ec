/** @file From which score on a row is to count as positive, where both kinds of errors have a price. */
import { InvalidInputError } from "../../errors.ts";
import type { BinaryLabels } from "../../labels.ts";
import { scoreSteps } from "../score-steps.ts";
import type { Scores } from "../scores.ts";
import type { WeightOptions } from "../weights.ts";

/** What each outcome costs, in any one unit; gains are negative. */
export interface Costs {
  /** A negative that counts as positive. */
  readonly falsePositive: number;
  /** A positive that counts as negative. */
  readonly falseNegative: number;
  /** A positive that counts as positive; 0 where absent. */
  readonly truePositive?: number;
  /** A negative that counts as negative; 0 where absent. */
  readonly trueNegative?: number;
}

/** The mean cost of a row by falling threshold. */
export interface ThresholdCosts {
  /** The score from which a row counts as positive; infinite for the first point, where none does. */
  readonly thresholds: Float64Array;
  readonly costs: Float64Array;
}

/**
 * The mean cost of a row for each distinct score as the threshold.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, NaN, bad weights, costs that aren't finite
 */
export function thresholdCosts(
  labels: BinaryLabels,
  scores: Scores,
  costs: Costs,
  { weights }: WeightOptions = {},
): ThresholdCosts {
  const { falsePositive, falseNegative, truePositive, trueNegative } = checked(costs);
  const steps = scoreSteps(labels, scores, weights, "any");
  const { positives, negatives } = steps.totals;
  const length = steps.thresholds.length + 1;
  const thresholds = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
  const means = new Float64Array(length);
  for (let point = 0; point < length; point++) {
    const found = point === 0 ? 0 : (steps.positives[point - 1] ?? 0);
    const accused = point === 0 ? 0 : (steps.negatives[point - 1] ?? 0);
    if (point > 0) thresholds[point] = steps.thresholds[point - 1] ?? 0;
    means[point] =
      (falsePositive * accused +
        trueNegative * (negatives - accused) +
        truePositive * found +
        falseNegative * (positives - found)) /
      (positives + negatives);
  }
  return { thresholds, costs: means };
}

/** A threshold with the mean cost of a row. */
export interface ChosenThreshold {
  readonly threshold: number;
  readonly cost: number;
}

/**
 * The threshold of least mean cost; of equal ones the highest. Choose it on rows that are neither trained nor tested on: on the
 * rows that it was chosen on, the cost is too low.
 * @throws {@link InvalidInputError} as {@link thresholdCosts}
 */
export function chooseThreshold(
  labels: BinaryLabels,
  scores: Scores,
  costs: Costs,
  options: WeightOptions = {},
): ChosenThreshold {
  const curve = thresholdCosts(labels, scores, costs, options);
  let best = 0;
  for (let point = 1; point < curve.costs.length; point++)
    if ((curve.costs[point] ?? 0) < (curve.costs[best] ?? 0)) best = point;
  return { threshold: curve.thresholds[best] ?? 0, cost: curve.costs[best] ?? 0 };
}

/**
 * The threshold of least expected cost for probabilities that are calibrated, which needs no data (Elkan, 2001).
 * @throws {@link InvalidInputError} where an error costs no more than being right
 */
export function thresholdOfCosts(costs: Costs): number {
  const { falsePositive, falseNegative, truePositive, trueNegative } = checked(costs);
  const [accusing, missing] = [falsePositive - trueNegative, falseNegative - truePositive];
  if (!(accusing > 0 && missing > 0))
    throw new InvalidInputError("an error must cost more than being right, of either class");
  return accusing / (accusing + missing);
}

function checked(costs: Costs): Required<Costs> {
  const all = { truePositive: 0, trueNegative: 0, ...costs };
  for (const [name, cost] of Object.entries(all))
    if (!Number.isFinite(cost))
      throw new InvalidInputError(`the cost ${name} is ${cost}, which isn't finite`);
  return all;
}

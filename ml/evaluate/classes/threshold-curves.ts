/** @file Curves over all thresholds of a score: precision-recall, detection error tradeoff, cumulative gains and lift. */
import { InvalidInputError } from "../../errors.ts";
import type { BinaryLabels } from "../../labels.ts";
import { scoreSteps } from "../score-steps.ts";
import type { Scores } from "../scores.ts";
import type { WeightOptions } from "../weights.ts";

/** Precision and recall by rising threshold, and a last point of no rows: precision 1, recall 0, an infinite threshold. */
export interface PrecisionRecallCurve {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  /** The score from which a row counts as positive. */
  readonly thresholds: Float64Array;
}

/**
 * Precision and recall for each distinct score as the threshold. As scikit-learn's `precision_recall_curve`, with a
 * threshold for the last point too.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, NaN, bad weights, or no positives
 */
export function precisionRecallCurve(
  labels: BinaryLabels,
  scores: Scores,
  { weights }: WeightOptions = {},
): PrecisionRecallCurve {
  const { thresholds, positives, negatives, totals } = stepsWithPositives(labels, scores, weights);
  const last = thresholds.length;
  const precision = new Float64Array(last + 1).fill(1);
  const recall = new Float64Array(last + 1);
  const rising = new Float64Array(last + 1).fill(Number.POSITIVE_INFINITY);
  for (let point = 0; point < last; point++) {
    const step = last - 1 - point;
    const positive = positives[step] ?? 0;
    precision[point] = positive / (positive + (negatives[step] ?? 0));
    recall[point] = positive / totals.positives;
    rising[point] = thresholds[step] ?? 0;
  }
  return { precision, recall, thresholds: rising };
}

/**
 * Average precision: the mean of the precision at each threshold by the recall that it adds. As scikit-learn's
 * `average_precision_score`; no interpolation.
 * @throws {@link InvalidInputError} as {@link precisionRecallCurve}
 */
export function averagePrecision(
  labels: BinaryLabels,
  scores: Scores,
  { weights }: WeightOptions = {},
): number {
  const { positives, negatives, totals } = stepsWithPositives(labels, scores, weights);
  let sum = 0;
  let last = 0;
  for (let step = 0; step < positives.length; step++) {
    const positive = positives[step] ?? 0;
    sum += ((positive - last) * positive) / (positive + (negatives[step] ?? 0));
    last = positive;
  }
  return sum / totals.positives;
}

/** Shares of errors by rising threshold. */
export interface DetCurve {
  /** Of the negatives, the share at or above the threshold. */
  readonly falsePositiveRate: Float64Array;
  /** Of the positives, the share below the threshold. */
  readonly falseNegativeRate: Float64Array;
  readonly thresholds: Float64Array;
}

/**
 * The detection error tradeoff: both kinds of errors for each threshold, from the highest threshold at which all positives
 * are found to the lowest at which no negative is accused. As scikit-learn's `det_curve` with every threshold kept.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, NaN, bad weights, or one class only
 */
export function detCurve(labels: BinaryLabels, scores: Scores, { weights }: WeightOptions = {}): DetCurve {
  const steps = scoreSteps(labels, scores, weights, "both classes");
  const points = [
    { threshold: Number.POSITIVE_INFINITY, positives: 0, negatives: 0 },
    ...Array.from(steps.thresholds, (threshold, step) => ({
      threshold,
      positives: steps.positives[step] ?? 0,
      negatives: steps.negatives[step] ?? 0,
    })),
  ];
  const accused = points.findIndex(({ negatives }) => negatives > 0);
  const found = points.findIndex(({ positives }) => positives === steps.totals.positives);
  const kept = points.slice(Math.max(0, accused - 1), found + 1).toReversed();
  return {
    falsePositiveRate: Float64Array.from(kept, ({ negatives }) => negatives / steps.totals.negatives),
    falseNegativeRate: Float64Array.from(kept, ({ positives }) => 1 - positives / steps.totals.positives),
    thresholds: Float64Array.from(kept, ({ threshold }) => threshold),
  };
}

/** What acting on the highest scores first brings. */
export interface LiftCurve {
  /** The share of all rows that is acted on, from 0 to 1. */
  readonly share: Float64Array;
  /** The share of the positives among them: cumulative gains. */
  readonly gain: Float64Array;
  /** How many times more positives than by chance: `gain / share`; at 0 that of the first rows. */
  readonly lift: Float64Array;
  readonly thresholds: Float64Array;
}

/**
 * Cumulative gains and lift, by falling threshold.
 * @throws {@link InvalidInputError} as {@link precisionRecallCurve}
 */
export function liftCurve(labels: BinaryLabels, scores: Scores, { weights }: WeightOptions = {}): LiftCurve {
  const { thresholds, positives, negatives, totals } = stepsWithPositives(labels, scores, weights);
  const rows = totals.positives + totals.negatives;
  const share = new Float64Array(thresholds.length + 1);
  const gain = new Float64Array(thresholds.length + 1);
  const falling = new Float64Array(thresholds.length + 1).fill(Number.POSITIVE_INFINITY);
  for (let step = 0; step < thresholds.length; step++) {
    share[step + 1] = ((positives[step] ?? 0) + (negatives[step] ?? 0)) / rows;
    gain[step + 1] = (positives[step] ?? 0) / totals.positives;
    falling[step + 1] = thresholds[step] ?? 0;
  }
  const lift = gain.map((value, point) => value / (share[point] ?? 1));
  lift[0] = lift[1] ?? 1;
  return { share, gain, lift, thresholds: falling };
}

function stepsWithPositives(
  labels: BinaryLabels,
  scores: Scores,
  weights: WeightOptions["weights"],
): ReturnType<typeof scoreSteps> {
  const steps = scoreSteps(labels, scores, weights, "any");
  if (steps.totals.positives === 0)
    throw new InvalidInputError("no row is positive, so there is nothing to be found");
  return steps;
}

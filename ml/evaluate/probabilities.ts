/**
 * @file How good probabilities are: log-loss, Brier score, calibration. Definitions follow scikit-learn's `log_loss`,
 * `brier_score_loss` and `calibration_curve`.
 */
import { InvalidInputError } from "../errors.ts";
import { figure, type Figure } from "../plot/index.ts";
import type { BinaryLabels } from "../labels.ts";
import { wilsonInterval } from "./intervals/wilson.ts";
import { byFallingScore } from "./order.ts";
import { countWithProbabilities, type Scores } from "./scores.ts";
import { checkWeights, weightedMean, type WeightOptions } from "./weights.ts";

/**
 * The mean of `-log p` of what happened, in nats. Lower is better; probabilities of 0 and 1 count as the nearest ones
 * that their number format tells apart from them, so that a single certain mistake doesn't make it infinite.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, NaN, or values that aren't probabilities
 */
export function logLoss(
  labels: BinaryLabels,
  probabilities: Scores,
  { weights }: WeightOptions = {},
): number {
  countWithProbabilities(labels, probabilities);
  checkWeights(weights, labels.length);
  const epsilon = probabilities instanceof Float32Array ? 2 ** -23 : Number.EPSILON;
  return weightedMean(labels.length, weights, (row) => {
    const probability = Math.min(Math.max(probabilities[row] ?? 0, epsilon), 1 - epsilon);
    return Number(labels[row]) === 1 ? -Math.log(probability) : -Math.log1p(-probability);
  });
}

/** The mean squared difference between probabilities and what happened (Brier, 1950). Lower is better. */
export function brierScore(
  labels: BinaryLabels,
  probabilities: Scores,
  { weights }: WeightOptions = {},
): number {
  countWithProbabilities(labels, probabilities);
  checkWeights(weights, labels.length);
  return weightedMean(
    labels.length,
    weights,
    (row) => ((probabilities[row] ?? 0) - Number(labels[row])) ** 2,
  );
}

/** A group of rows of similar predicted probability. */
export interface CalibrationBin {
  /** The mean of the predicted probabilities. */
  readonly predicted: number;
  /** The share of positives. */
  readonly observed: number;
  readonly rows: number;
}

/**
 * What was predicted beside what happened, in groups of equal size by rising probability. Well-calibrated
 * probabilities have equal values in every group. Rows of equal probability may fall into two groups.
 */
export function calibration(labels: BinaryLabels, probabilities: Scores, bins = 10): CalibrationBin[] {
  countWithProbabilities(labels, probabilities);
  if (!Number.isInteger(bins) || bins < 1 || bins > labels.length) {
    throw new InvalidInputError(
      `bins must be a whole number from 1 to the ${labels.length} rows, not ${bins}`,
    );
  }
  const order = byFallingScore(probabilities).toReversed();
  return Array.from({ length: bins }, (_, bin) => {
    const rows = order.subarray(
      Math.floor((bin * order.length) / bins),
      Math.floor(((bin + 1) * order.length) / bins),
    );
    let predicted = 0;
    let observed = 0;
    for (const row of rows) {
      predicted += probabilities[row] ?? 0;
      observed += Number(labels[row]);
    }
    return { predicted: predicted / rows.length, observed: observed / rows.length, rows: rows.length };
  });
}

/**
 * A reliability diagram of {@link calibration}: points on the diagonal are what they claim to be. The bars are Wilson's 95 %
 * intervals of the shares.
 */
export function calibrationPlot(labels: BinaryLabels, probabilities: Scores, bins = 10): Figure {
  const groups = calibration(labels, probabilities, bins);
  const intervals = groups.map(({ observed, rows }) => wilsonInterval(Math.round(observed * rows), rows));
  const highest = Math.max(...groups.flatMap(({ predicted, observed }) => [predicted, observed]));
  const end = Math.min(1, highest * 1.1);
  return figure(
    [
      {
        type: "scatter",
        mode: "lines+markers",
        name: `${bins} groups of equal size`,
        x: groups.map(({ predicted }) => predicted),
        y: groups.map(({ observed }) => observed),
        error_y: {
          type: "data",
          symmetric: false,
          array: intervals.map(({ estimate, high }) => high - estimate),
          arrayminus: intervals.map(({ estimate, low }) => estimate - low),
          thickness: 1,
        },
      },
      {
        type: "scatter",
        mode: "lines",
        name: "perfectly calibrated",
        x: [0, end],
        y: [0, end],
        line: { dash: "dot", color: "#999999" },
      },
    ],
    {
      title: "Calibration",
      width: 560,
      height: 480,
      xaxis: { title: "predicted probability", tickformat: ".0%", range: [0, end] },
      yaxis: { title: "share that was positive", tickformat: ".0%", range: [0, end] },
      legend: { x: 0.02, y: 0.98 },
    },
  );
}

/**
 * @file The receiver operating characteristic: how well scores rank positives above negatives.
 *
 * Equal scores are one step of the curve, so ties count half, whatever order the rows come in. Definitions follow
 * scikit-learn's `roc_curve` and `roc_auc_score`; Fawcett, "An introduction to ROC analysis", 2006.
 */
import { figure, type Figure } from "../plot/index.ts";
import type { BinaryLabels } from "../labels.ts";
import { thinned } from "./plots/thinned.ts";
import { scoreSteps, type ScoreSteps } from "./score-steps.ts";
import type { Scores } from "./scores.ts";
import type { WeightOptions } from "./weights.ts";

/** The points of a ROC curve, by falling threshold. */
export interface RocCurve {
  /** Share of negatives with a score of the threshold or more. */
  readonly falsePositiveRate: Float64Array;
  /** Share of positives with a score of the threshold or more. */
  readonly truePositiveRate: Float64Array;
  /** The score from which a row counts as positive; infinite for the first point, where none does. */
  readonly thresholds: Float64Array;
}

/**
 * The ROC curve, with the points in the middle of straight stretches left out.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, NaN, or one class only
 */
export function rocCurve(labels: BinaryLabels, scores: Scores, { weights }: WeightOptions = {}): RocCurve {
  const steps = scoreSteps(labels, scores, weights, "both classes");
  const { positives, negatives } = steps.totals;
  const corners = cornersOf(steps);
  return {
    falsePositiveRate: curveFrom(0, corners, steps.negatives, negatives),
    truePositiveRate: curveFrom(0, corners, steps.positives, positives),
    thresholds: curveFrom(Number.POSITIVE_INFINITY, corners, steps.thresholds, 1),
  };
}

/**
 * The area under the ROC curve: the probability that a random positive scores higher than a random negative, ties
 * counting half. 0.5 is chance, 1 is perfect.
 * @throws {@link InvalidInputError} as {@link rocCurve}
 */
export function rocAuc(labels: BinaryLabels, scores: Scores, { weights }: WeightOptions = {}): number {
  const { positives, negatives, totals } = scoreSteps(labels, scores, weights, "both classes");
  let doubledArea = 0;
  let lastPositives = 0;
  let lastNegatives = 0;
  for (let step = 0; step < positives.length; step++) {
    const reached = positives[step] ?? 0;
    const passed = negatives[step] ?? 0;
    doubledArea += (passed - lastNegatives) * (reached + lastPositives);
    lastPositives = reached;
    lastNegatives = passed;
  }
  return doubledArea / (2 * totals.positives * totals.negatives);
}

/** A ROC plot of one or more sets of scores for the same labels, with each one's area. */
export function rocPlot(labels: BinaryLabels, scoresByName: Readonly<Record<string, Scores>>): Figure {
  const curves = Object.entries(scoresByName).map(([name, scores]) => {
    const curve = rocCurve(labels, scores);
    const { x, y } = thinned(curve.falsePositiveRate, curve.truePositiveRate);
    return {
      type: "scatter",
      mode: "lines",
      name: `${name} (AUC ${rocAuc(labels, scores).toFixed(3)})`,
      x,
      y,
    } as const;
  });
  const chance = { type: "scatter", mode: "lines", name: "chance (AUC 0.5)", x: [0, 1], y: [0, 1] } as const;
  return figure([...curves, { ...chance, line: { dash: "dot", color: "#999999" } }], {
    title: "ROC curve",
    width: 560,
    height: 480,
    xaxis: { title: "false positive rate", range: [0, 1] },
    yaxis: { title: "true positive rate", range: [0, 1.005] },
    legend: { x: 0.98, y: 0.04, xanchor: "right", yanchor: "bottom" },
  });
}

/** A first value, and those at the corners by a whole. */
function curveFrom(first: number, corners: Uint32Array, values: Float64Array, whole: number): Float64Array {
  const points = new Float64Array(corners.length + 1);
  points[0] = first;
  for (let at = 0; at < corners.length; at++) points[at + 1] = (values[corners[at] ?? 0] ?? 0) / whole;
  return points;
}

/** The steps at which the curve bends, by scikit-learn's rule: those that are not midway between their neighbours. */
function cornersOf({ positives, negatives }: ScoreSteps): Uint32Array {
  const corners = new Uint32Array(positives.length);
  let found = 0;
  for (let step = 0; step < positives.length; step++) {
    const isInside = step > 0 && step < positives.length - 1;
    if (!isInside || bends(positives, step) || bends(negatives, step)) corners[found++] = step;
  }
  return corners.subarray(0, found);
}

function bends(counts: Float64Array, step: number): boolean {
  const here = counts[step] ?? 0;
  return (counts[step + 1] ?? 0) - here !== here - (counts[step - 1] ?? 0);
}

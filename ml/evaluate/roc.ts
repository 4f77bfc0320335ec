/**
 * @file The receiver operating characteristic: how well scores rank positives above negatives.
 *
 * Equal scores are one step of the curve, so ties count half, whatever order the rows come in. Definitions follow
 * scikit-learn's `roc_curve` and `roc_auc_score`; Fawcett, "An introduction to ROC analysis", 2006.
 */
import { figure, type Figure } from "../plot/index.ts";
import type { BinaryLabels } from "../labels.ts";
import { byFallingScore, countBothClasses, type Scores } from "./scores.ts";

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
export function rocCurve(labels: BinaryLabels, scores: Scores): RocCurve {
  const { positives, negatives } = countBothClasses(labels, scores);
  const steps: RocStep[] = [];
  forEachStep(labels, scores, (step) => steps.push(step));
  const corners = steps.filter((step, index) => !isBetween(steps[index - 1], step, steps[index + 1]));
  const points = [{ threshold: Number.POSITIVE_INFINITY, negatives: 0, positives: 0 }, ...corners];
  return {
    falsePositiveRate: Float64Array.from(points, (point) => point.negatives / negatives),
    truePositiveRate: Float64Array.from(points, (point) => point.positives / positives),
    thresholds: Float64Array.from(points, (point) => point.threshold),
  };
}

/**
 * The area under the ROC curve: the probability that a random positive scores higher than a random negative, ties
 * counting half. 0.5 is chance, 1 is perfect.
 * @throws {@link InvalidInputError} as {@link rocCurve}
 */
export function rocAuc(labels: BinaryLabels, scores: Scores): number {
  const { positives, negatives } = countBothClasses(labels, scores);
  let doubledArea = 0;
  let lastNegatives = 0;
  let lastPositives = 0;
  forEachStep(labels, scores, (step) => {
    doubledArea += (step.negatives - lastNegatives) * (step.positives + lastPositives);
    lastNegatives = step.negatives;
    lastPositives = step.positives;
  });
  return doubledArea / (2 * positives * negatives);
}

/** A ROC plot of one or more sets of scores for the same labels, with each one's area. */
export function rocPlot(labels: BinaryLabels, scoresByName: Readonly<Record<string, Scores>>): Figure {
  const curves = Object.entries(scoresByName).map(([name, scores]) => {
    const { falsePositiveRate, truePositiveRate } = thinned(rocCurve(labels, scores));
    return {
      type: "scatter",
      mode: "lines",
      name: `${name} (AUC ${rocAuc(labels, scores).toFixed(3)})`,
      x: falsePositiveRate,
      y: truePositiveRate,
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

const plottedPoints = 400;

/** A curve of at most about {@link plottedPoints} points, evenly spread along both axes. */
function thinned({ falsePositiveRate, truePositiveRate }: RocCurve): {
  falsePositiveRate: number[];
  truePositiveRate: number[];
} {
  const kept: { falsePositiveRate: number[]; truePositiveRate: number[] } = {
    falsePositiveRate: [],
    truePositiveRate: [],
  };
  let lastPosition = Number.NEGATIVE_INFINITY;
  for (let point = 0; point < falsePositiveRate.length; point++) {
    const x = falsePositiveRate[point] ?? 0;
    const y = truePositiveRate[point] ?? 0;
    if (x + y - lastPosition < 2 / plottedPoints && point < falsePositiveRate.length - 1) continue;
    lastPosition = x + y;
    kept.falsePositiveRate.push(Number(x.toFixed(5)));
    kept.truePositiveRate.push(Number(y.toFixed(5)));
  }
  return kept;
}

/** A distinct score, with the counts of rows at it or above. */
interface RocStep {
  readonly threshold: number;
  readonly negatives: number;
  readonly positives: number;
}

/** Calls back once for each distinct score, from the highest. */
function forEachStep(labels: BinaryLabels, scores: Scores, visit: (step: RocStep) => void): void {
  const order = byFallingScore(scores);
  let positives = 0;
  for (let index = 0; index < order.length; index++) {
    const row = order[index] ?? 0;
    const threshold = scores[row] ?? 0;
    positives += Number(labels[row]);
    const following = order[index + 1];
    if (following === undefined || scores[following] !== threshold) {
      visit({ threshold, negatives: index + 1 - positives, positives });
    }
  }
}

/** Whether a step lies midway between its neighbours, so that the curve does not bend there: scikit-learn's rule. */
function isBetween(before: RocStep | undefined, step: RocStep, after: RocStep | undefined): boolean {
  if (!before || !after) return false;
  return (
    before.negatives + after.negatives === 2 * step.negatives &&
    before.positives + after.positives === 2 * step.positives
  );
}

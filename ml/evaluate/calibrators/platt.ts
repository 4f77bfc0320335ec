/** @file Platt's sigmoid calibration. */
import { InvalidInputError } from "../../errors.ts";
import { sigmoid } from "../../graph/functions/activations.ts";
import type { BinaryLabels } from "../../labels.ts";
import type { Scores } from "../scores.ts";
import type { WeightOptions } from "../weights.ts";
import { checkCalibration, predicted, type Calibrator } from "./calibrator.ts";

/** A sigmoid of a score: `1 / (1 + exp(-(slope · score + intercept)))`. */
export interface Sigmoid {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Platt's calibration (1999): a sigmoid of the score, fitted by Newton's method (Lin, Lin and Weng, 2007) to labels that are
 * drawn in from 0 and 1 a little. It suits few rows and scores that need stretching only. As scikit-learn's
 * `CalibratedClassifierCV(method="sigmoid")` fits it.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, one class only, scores that aren't finite, bad weights
 */
export function plattCalibrator(
  labels: BinaryLabels,
  scores: Scores,
  { weights }: WeightOptions = {},
): Calibrator {
  checkCalibration(labels, scores, weights);
  let [positives, negatives, largest] = [0, 0, 0];
  for (let row = 0; row < labels.length; row++) {
    const weight = weights === undefined ? 1 : (weights[row] ?? 0);
    if (Number(labels[row]) === 1) positives += weight;
    else negatives += weight;
    largest = Math.max(largest, Math.abs(scores[row] ?? 0));
  }
  const [upper, lower] = [(positives + 1) / (positives + 2), 1 / (negatives + 2)];
  const scale = largest || 1;
  const rows = labels.length;
  const data: Weighed = {
    scores: new Float64Array(rows),
    targets: new Float64Array(rows),
    weights: new Float64Array(rows),
  };
  for (let row = 0; row < rows; row++) {
    data.scores[row] = (scores[row] ?? 0) / scale;
    data.targets[row] = Number(labels[row]) === 1 ? upper : lower;
    data.weights[row] = weights === undefined ? 1 : (weights[row] ?? 0);
  }
  const { slope, intercept } = minimized(data, {
    slope: 0,
    intercept: -Math.log((negatives + 1) / (positives + 1)),
  });
  return fromSigmoid({ slope: slope / scale, intercept });
}

/** What the sigmoid is fitted to, row by row. */
interface Weighed {
  readonly scores: Float64Array;
  readonly targets: Float64Array;
  readonly weights: Float64Array;
}

const mostSteps = 100;

/** Newton's method with halved steps; the loss is convex. */
function minimized(data: Weighed, start: Sigmoid): Sigmoid {
  let at = start;
  let loss = lossOf(data, at);
  for (let step = 0; step < mostSteps; step++) {
    const { slope, intercept } = newtonStep(data, at);
    let share = 1;
    let next = at;
    let reached = Number.POSITIVE_INFINITY;
    for (; share > 1e-10; share /= 2) {
      next = { slope: at.slope + share * slope, intercept: at.intercept + share * intercept };
      reached = lossOf(data, next);
      if (reached <= loss) break;
    }
    if (!(reached <= loss)) return at;
    const isStill = Math.abs(slope) <= 1e-12 * (1 + Math.abs(at.slope)) && Math.abs(intercept) <= 1e-12;
    at = next;
    loss = reached;
    if (isStill) return at;
  }
  return at;
}

function newtonStep({ scores, targets, weights }: Weighed, { slope, intercept }: Sigmoid): Sigmoid {
  // Scores that are all equal leave the slope free: a trace of a penalty holds it.
  let [ss, si, ii, s, i] = [1e-12, 0, 1e-12, 0, 0];
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] ?? 0;
    const weight = weights[row] ?? 0;
    const probability = 1 / (1 + Math.exp(-(slope * score + intercept)));
    const curvature = weight * probability * (1 - probability);
    const gradient = weight * (probability - (targets[row] ?? 0));
    ss += curvature * score * score;
    si += curvature * score;
    ii += curvature;
    s += gradient * score;
    i += gradient;
  }
  const determinant = ss * ii - si * si;
  return { slope: (si * i - ii * s) / determinant, intercept: (si * s - ss * i) / determinant };
}

function lossOf({ scores, targets, weights }: Weighed, { slope, intercept }: Sigmoid): number {
  let sum = 0;
  for (let row = 0; row < scores.length; row++) {
    const logit = slope * (scores[row] ?? 0) + intercept;
    // log(1 + exp(logit)) without overflow.
    const penalty = Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)));
    sum += (weights[row] ?? 0) * (penalty - (targets[row] ?? 0) * logit);
  }
  return sum;
}

/** The calibrator of a sigmoid. */
export function fromSigmoid({ slope, intercept }: Sigmoid): Calibrator {
  if (!Number.isFinite(slope) || !Number.isFinite(intercept))
    throw new InvalidInputError(`a sigmoid of slope ${slope} and intercept ${intercept} is none`);
  return {
    kind: "sigmoid",
    predict: (scores) => predicted(scores, (score) => 1 / (1 + Math.exp(-(slope * score + intercept)))),
    trace: (scores) => sigmoid(scores.mul(slope).add(intercept)),
    toJSON: () => ({ version: 1, kind: "sigmoid", slope, intercept }),
  };
}

/** @file Platt's sigmoid calibration. */
import { InvalidInputError } from "../../errors.ts";
import { sigmoid } from "../../graph/functions/activations.ts";
import type { BinaryLabels } from "../../labels.ts";
import { fitSigmoid, type Sigmoid } from "../../platt-sigmoid.ts";
import type { Scores } from "../scores.ts";
import type { WeightOptions } from "../weights.ts";
import { checkCalibration, predicted, type Calibrator } from "./calibrator.ts";

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
  return fromSigmoid(fitSigmoid(scores, (row) => Number(labels[row]) === 1, weights));
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

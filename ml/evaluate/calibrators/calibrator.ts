/** @file What makes probabilities of scores: learnt on rows that the model itself did not learn from. */
import { InvalidInputError } from "../../errors.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { BinaryLabels } from "../../labels.ts";
import { countBothClasses, type Scores } from "../scores.ts";
import { checkWeights, type Weights } from "../weights.ts";

/** A score or probability for each row, as a batch of a tensor program. */
export type ScoreTensor = Tensor<readonly ["rows", 1], "float32">;

/** A calibrator as JSON. */
export interface CalibratorJson {
  readonly version: 1;
  readonly kind: string;
  readonly [part: string]: unknown;
}

/** A fitted calibrator. */
export interface Calibrator {
  readonly kind: "isotonic" | "sigmoid";
  /**
   * The probability of the positive class for each score.
   * @throws {@link InvalidInputError} for a score that is NaN
   */
  predict(scores: Scores): Float64Array;
  /** The same as a tensor program. */
  trace(scores: ScoreTensor): ScoreTensor;
  /** What `loadCalibrator` makes the same calibrator of. */
  toJSON(): CalibratorJson;
}

/** Checks what a calibrator is fitted on: both classes, and finite scores. */
export function checkCalibration(labels: BinaryLabels, scores: Scores, weights: Weights | undefined): void {
  countBothClasses(labels, scores);
  checkWeights(weights, labels.length);
  const row = scores.findIndex((score) => !Number.isFinite(score));
  if (row >= 0) throw new InvalidInputError(`the score of row ${row} is ${scores[row]}, which isn't finite`);
  if (weights === undefined) return;
  const weighed = new Set(
    Array.from(labels, (label, row) => (weights[row] === 0 ? undefined : Number(label))),
  );
  if (!weighed.has(0) || !weighed.has(1))
    throw new InvalidInputError("all rows of a class have weight 0: both classes are needed");
}

/** Each score's probability. */
export function predicted(scores: Scores, of: (score: number) => number): Float64Array {
  const probabilities = new Float64Array(scores.length);
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] ?? 0;
    if (Number.isNaN(score)) throw new InvalidInputError(`the score of row ${row} is NaN`);
    probabilities[row] = of(score);
  }
  return probabilities;
}

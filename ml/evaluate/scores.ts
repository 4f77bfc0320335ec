/** @file What a binary evaluation takes: labels 0 or 1 and one score for each, checked the same way everywhere. */
import { InvalidInputError } from "../errors.ts";
import { binaryLabel, type BinaryLabels } from "../labels.ts";

/** A score for each row; higher means more likely positive. */
export type Scores = Float32Array | Float64Array | readonly number[];

/** How many rows there are of each class. */
export interface ClassCounts {
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Checks labels and scores and counts the classes.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, other labels than 0 and 1, and scores that are NaN
 */
export function countClasses(labels: BinaryLabels, scores: Scores): ClassCounts {
  if (labels.length === 0) throw new InvalidInputError("there are no rows to evaluate");
  if (labels.length !== scores.length) {
    throw new InvalidInputError(
      `there are ${labels.length} labels and ${scores.length} scores: they must be equal`,
    );
  }
  const values = zerosAndOnes(labels);
  let positives = 0;
  for (let row = 0; row < values.length; row++) positives += values[row] ?? 0;
  const unknown = firstNaN(scores);
  if (unknown >= 0) throw new InvalidInputError(`the score of row ${unknown} is NaN`);
  return { positives, negatives: labels.length - positives };
}

/** As {@link countClasses}, for measures that compare the classes. Throws when one of them has no rows. */
export function countBothClasses(labels: BinaryLabels, scores: Scores): ClassCounts {
  const counts = countClasses(labels, scores);
  if (counts.positives === 0 || counts.negatives === 0) {
    throw new InvalidInputError(
      `all ${labels.length} labels are ${counts.positives === 0 ? 0 : 1}: both classes are needed`,
    );
  }
  return counts;
}

/** As {@link countClasses}, for scores that must be probabilities. Throws when one isn't from 0 to 1. */
export function countWithProbabilities(labels: BinaryLabels, probabilities: Scores): ClassCounts {
  const counts = countClasses(labels, probabilities);
  for (let row = 0; row < probabilities.length; row++) {
    const probability = probabilities[row] ?? 0;
    if (probability < 0 || probability > 1) {
      throw new InvalidInputError(`the probability of row ${row} is ${probability}, not between 0 and 1`);
    }
  }
  return counts;
}

/**
 * Labels as 0 and 1: the same array where it is one of bytes.
 * @throws {@link InvalidInputError} for anything else
 */
export function zerosAndOnes(labels: BinaryLabels): Uint8Array {
  if (labels instanceof Uint8Array) {
    let largest = 0;
    for (let row = 0; row < labels.length; row++) largest |= labels[row] ?? 0;
    if (largest <= 1) return labels;
  }
  const values = new Uint8Array(labels.length);
  for (let row = 0; row < labels.length; row++) values[row] = binaryLabel(labels[row], row);
  return values;
}

/** The first row whose score is NaN, or -1. One loop for each type of array is many times faster than one for all. */
function firstNaN(scores: Scores): number {
  if (scores instanceof Float64Array) return nanInDoubles(scores);
  return scores instanceof Float32Array ? nanInSingles(scores) : scores.findIndex(Number.isNaN);
}

function nanInDoubles(scores: Float64Array): number {
  for (let row = 0; row < scores.length; row++) if (scores[row] !== scores[row]) return row;
  return -1;
}

function nanInSingles(scores: Float32Array): number {
  for (let row = 0; row < scores.length; row++) if (scores[row] !== scores[row]) return row;
  return -1;
}

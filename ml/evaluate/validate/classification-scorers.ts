import { InvalidInputError } from "../../errors.ts";
import type { ClassLabel } from "../../estimator.ts";
import type { ClassTarget } from "../../target.ts";
import { ascending } from "../classes/class-pairs.ts";
import { gathered } from "../../row-selection.ts";
import { checkWeights, type Weights } from "../weights.ts";
import type { ClassificationRows } from "./metrics.ts";
import type { Scorers } from "./score-splits.ts";

/** What a classifier says of rows. */
export interface ClassPrediction {
  /** The classes that it knows: the columns of its probabilities. */
  readonly classes: readonly ClassLabel[];
  readonly predicted: readonly ClassLabel[];
  /** Row-major. */
  readonly probabilities: Float64Array;
}

/**
 * Measures of a classifier's predictions of some rows of a target. A class that the classifier didn't see in training has
 * probability 0.
 * @throws {@link InvalidInputError} for bad weights
 */
export function classificationScorers<Name extends string>(
  target: ClassTarget,
  metrics: Readonly<Record<Name, (rows: ClassificationRows) => number>>,
  weights?: Weights,
): Scorers<Name, ClassPrediction> {
  checkWeights(weights, target.length);
  const classes = Array.from(new Set<ClassLabel>(target)).sort(ascending);
  const rowsOf = (prediction: ClassPrediction, rows: Uint32Array): ClassificationRows => ({
    truth: Array.from(gathered(target, rows)),
    predicted: prediction.predicted,
    probabilities: inColumnsOf(classes, prediction),
    classes,
    ...(weights && { weights: Float64Array.from(gathered(weights, rows)) }),
  });
  return mapped(metrics, (metric) => (prediction, rows) => metric(rowsOf(prediction, rows)));
}

/** The same names with other values. */
export function mapped<Name extends string, From, To>(
  values: Readonly<Record<Name, From>>,
  to: (value: From) => To,
): Record<Name, To> {
  const names = Object.keys(values) as Name[];
  // SAFETY: one value for each name.
  return Object.fromEntries(names.map((name) => [name, to(values[name])])) as Record<Name, To>;
}

function inColumnsOf(
  all: readonly ClassLabel[],
  { classes, predicted, probabilities }: ClassPrediction,
): Float64Array {
  if (classes.length === all.length) return probabilities;
  const places = classes.map((label) => all.indexOf(label));
  if (places.includes(-1))
    throw new InvalidInputError(
      `the classifier says the classes ${JSON.stringify(classes)} and the target has ${JSON.stringify(all)}`,
    );
  const wide = new Float64Array(predicted.length * all.length);
  for (let row = 0; row < predicted.length; row++)
    for (const [column, place] of places.entries())
      wide[row * all.length + place] = probabilities[row * classes.length + column] ?? 0;
  return wide;
}

/** @file The confusion matrix, and measures of agreement that are made of it. Definitions follow scikit-learn's. */
import { InvalidInputError } from "../../errors.ts";
import type { ClassLabel } from "../../estimator.ts";
import type { ClassTarget } from "../../target.ts";
import type { WeightOptions } from "../weights.ts";
import { classTable } from "./class-pairs.ts";

/** What happened by what was said. */
export interface ConfusionMatrix {
  /** All classes that happened or were said, in ascending order; true and false are 1 and 0. */
  readonly classes: readonly ClassLabel[];
  /** A row for each class that happened, with the weight (or share) that was said to be of each class. */
  readonly counts: readonly Float64Array[];
}

/** Settings of {@link confusionMatrix}. */
export interface ConfusionOptions extends WeightOptions {
  /** Shares instead of counts: of what happened (`"true"`), of what was said (`"predicted"`), of all rows (`"all"`). */
  readonly normalize?: "true" | "predicted" | "all";
}

/**
 * Rows of each class by what they were said to be. As scikit-learn's `confusion_matrix`; shares of nothing are 0.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, a missing class, bad weights
 */
export function confusionMatrix(
  truth: ClassTarget,
  predicted: ClassTarget,
  { normalize, ...options }: ConfusionOptions = {},
): ConfusionMatrix {
  const { classes, counts, happened, said, total } = classTable(truth, predicted, options);
  const width = classes.length;
  const whole = (row: number, column: number): number => {
    if (normalize === undefined) return 1;
    if (normalize === "all") return total;
    return (normalize === "true" ? happened[row] : said[column]) || 1;
  };
  return {
    classes,
    counts: classes.map((_, row) =>
      counts.slice(row * width, (row + 1) * width).map((count, column) => count / whole(row, column)),
    ),
  };
}

/** The share of rows whose class was said. As scikit-learn's `accuracy_score`. */
export function accuracy(truth: ClassTarget, predicted: ClassTarget, options: WeightOptions = {}): number {
  const { right, total } = classTable(truth, predicted, options);
  return sum(right) / total;
}

/** The share of rows whose class was not said: `1 - accuracy`. As scikit-learn's `hamming_loss` for one class a row. */
export function hammingLoss(truth: ClassTarget, predicted: ClassTarget, options: WeightOptions = {}): number {
  return 1 - accuracy(truth, predicted, options);
}

/** Settings of {@link balancedAccuracy}. */
export interface BalancedOptions extends WeightOptions {
  /** Whether chance is to be 0 and perfection 1; no where absent. */
  readonly adjusted?: boolean;
}

/** The mean over the classes that happened of the share that was found. As scikit-learn's `balanced_accuracy_score`. */
export function balancedAccuracy(
  truth: ClassTarget,
  predicted: ClassTarget,
  { adjusted = false, ...options }: BalancedOptions = {},
): number {
  const { happened, right } = classTable(truth, predicted, options);
  const found = Array.from(right, (count, code) => count / (happened[code] ?? 0)).filter(
    (share) => !Number.isNaN(share),
  );
  const score = sum(found) / found.length;
  if (!adjusted) return score;
  const chance = 1 / found.length;
  return (score - chance) / (1 - chance);
}

/**
 * Matthews' correlation between what happened and what was said, for any number of classes (Gorodkin, 2004); 0 where one of
 * them is the same for all rows. As scikit-learn's `matthews_corrcoef`.
 */
export function matthewsCorrelation(
  truth: ClassTarget,
  predicted: ClassTarget,
  options: WeightOptions = {},
): number {
  const { happened, said, right, total } = classTable(truth, predicted, options);
  const both = sum(right) * total - dot(happened, said);
  const ofSaid = total ** 2 - dot(said, said);
  const ofHappened = total ** 2 - dot(happened, happened);
  return ofSaid * ofHappened === 0 ? 0 : both / Math.sqrt(ofSaid * ofHappened);
}

/** Settings of {@link cohenKappa}. */
export interface KappaOptions extends WeightOptions {
  /** Counts a disagreement by the distance of the classes in their order, or by its square; equally where absent. */
  readonly penalty?: "linear" | "quadratic";
}

/**
 * Cohen's kappa: the agreement of two judges beyond chance. As scikit-learn's `cohen_kappa_score`.
 * @throws {@link InvalidInputError} as {@link confusionMatrix}, and where both said one class only
 */
export function cohenKappa(
  truth: ClassTarget,
  predicted: ClassTarget,
  { penalty, ...options }: KappaOptions = {},
): number {
  const { classes, counts, happened, said, total } = classTable(truth, predicted, options);
  const width = classes.length;
  let observed = 0;
  let expected = 0;
  for (let row = 0; row < width; row++) {
    for (let column = 0; column < width; column++) {
      const distance = Math.abs(row - column);
      const cost = penalty === undefined ? Math.min(1, distance) : distance ** (penalty === "linear" ? 1 : 2);
      observed += cost * (counts[row * width + column] ?? 0);
      expected += (cost * (happened[row] ?? 0) * (said[column] ?? 0)) / total;
    }
  }
  if (expected === 0)
    throw new InvalidInputError("kappa compares at least 2 classes: all rows are of one and said to be");
  return 1 - observed / expected;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at] ?? 0;
  return total;
}

function dot(a: Float64Array, b: Float64Array): number {
  return sum(a.map((value, at) => value * (b[at] ?? 0)));
}

/** @file Precision, recall, F and Jaccard, by class and averaged. Definitions follow scikit-learn's. */
import { InvalidInputError } from "../../errors.ts";
import type { ClassLabel } from "../../estimator.ts";
import type { ClassTarget } from "../../target.ts";
import type { WeightOptions } from "../weights.ts";
import { classTable, plain, type ClassTable } from "./class-pairs.ts";

/**
 * How the classes become one number: `"binary"` is that of the positive class alone; `"micro"` counts all classes
 * together; `"macro"` is their mean, `"weighted"` their mean by how often each happens.
 */
export type Average = "binary" | "micro" | "macro" | "weighted";

/** Settings of a measure that each class has. */
export interface AverageOptions extends WeightOptions {
  /** `"binary"` where absent. */
  readonly average?: Average;
  /** The class that `"binary"` looks at; 1 (or true) where absent. */
  readonly positive?: ClassLabel;
  /** What a share of nothing is: 0 where absent; NaN leaves the class out of means. */
  readonly zeroDivision?: number;
}

/** Of the rows that were said to be of a class, the share that is. As scikit-learn's `precision_score`. */
export function precision(truth: ClassTarget, predicted: ClassTarget, options: AverageOptions = {}): number {
  return averaged(truth, predicted, options, ({ right, said }) => [right, said]);
}

/** Of the rows of a class, the share that was said to be. As scikit-learn's `recall_score`. */
export function recall(truth: ClassTarget, predicted: ClassTarget, options: AverageOptions = {}): number {
  return averaged(truth, predicted, options, ({ right, happened }) => [right, happened]);
}

/** The harmonic mean of precision and recall. As scikit-learn's `f1_score`. */
export function f1Score(truth: ClassTarget, predicted: ClassTarget, options: AverageOptions = {}): number {
  return fBetaScore(truth, predicted, 1, options);
}

/** The harmonic mean of precision and recall, in which recall counts `beta` times as much. As scikit-learn's `fbeta_score`. */
export function fBetaScore(
  truth: ClassTarget,
  predicted: ClassTarget,
  beta: number,
  options: AverageOptions = {},
): number {
  if (!(beta >= 0)) throw new InvalidInputError(`beta must be a number from 0 up, not ${beta}`);
  return averaged(truth, predicted, options, (counts) => fParts(counts, beta));
}

/**
 * The rows of a class that were said to be of it, as a share of those that are of it or were said to be. As scikit-learn's
 * `jaccard_score`.
 */
export function jaccard(truth: ClassTarget, predicted: ClassTarget, options: AverageOptions = {}): number {
  return averaged(truth, predicted, options, ({ right, said, happened }) => [right, said + happened - right]);
}

/** How well one class is found. */
export interface ClassReport {
  readonly class: ClassLabel;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** The weight of its rows. */
  readonly support: number;
}

/**
 * Precision, recall and F for each class that happened or was said, in ascending order. As scikit-learn's
 * `precision_recall_fscore_support`.
 */
export function classReport(
  truth: ClassTarget,
  predicted: ClassTarget,
  { zeroDivision = 0, ...options }: Pick<AverageOptions, "weights" | "zeroDivision"> = {},
): ClassReport[] {
  const table = classTable(truth, predicted, options);
  return table.classes.map((label, code) => {
    const counts = countsAt(table, code);
    return {
      class: label,
      precision: ratio([counts.right, counts.said], zeroDivision),
      recall: ratio([counts.right, counts.happened], zeroDivision),
      f1: ratio(fParts(counts, 1), zeroDivision),
      support: counts.happened,
    };
  });
}

interface Counts {
  readonly right: number;
  readonly said: number;
  readonly happened: number;
}

/** A share as what it has and what it is of. */
type Parts = readonly [number, number];

function fParts({ right, said, happened }: Counts, beta: number): Parts {
  // An infinite beta is recall alone.
  if (beta === Number.POSITIVE_INFINITY) return [right, happened];
  return [(1 + beta ** 2) * right, beta ** 2 * happened + said];
}

function averaged(
  truth: ClassTarget,
  predicted: ClassTarget,
  { average = "binary", positive = 1, zeroDivision = 0, ...options }: AverageOptions,
  partsOf: (counts: Counts) => Parts,
): number {
  const table = classTable(truth, predicted, options);
  if (average === "binary") return ratio(partsOf(countsAt(table, binaryCode(table, positive))), zeroDivision);
  if (average === "micro") {
    const right = table.right.reduce((sum, count) => sum + count, 0);
    return ratio(partsOf({ right, said: table.total, happened: table.total }), zeroDivision);
  }
  let sum = 0;
  let total = 0;
  for (const code of table.classes.keys()) {
    const counts = countsAt(table, code);
    const score = ratio(partsOf(counts), zeroDivision);
    const weight = average === "macro" ? 1 : counts.happened;
    if (Number.isNaN(score) || weight === 0) continue;
    sum += weight * score;
    total += weight;
  }
  return total === 0 ? zeroDivision : sum / total;
}

function binaryCode({ classes }: ClassTable, positive: ClassLabel): number {
  if (classes.length > 2)
    throw new InvalidInputError(
      `there are ${classes.length} classes: say with \`average\` how they become one number ("macro", "weighted", "micro")`,
    );
  const code = classes.indexOf(plain(positive) ?? positive);
  if (code < 0 && classes.length === 2)
    throw new InvalidInputError(
      `the positive class ${JSON.stringify(positive)} is none of ${JSON.stringify(classes)}: say with \`positive\` which it is`,
    );
  return code;
}

/** The counts of a class; all 0 for one that neither happened nor was said. */
function countsAt({ right, said, happened }: ClassTable, code: number): Counts {
  return { right: right[code] ?? 0, said: said[code] ?? 0, happened: happened[code] ?? 0 };
}

function ratio([part, whole]: Parts, zeroDivision: number): number {
  return whole === 0 ? zeroDivision : part / whole;
}

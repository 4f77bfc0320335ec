/** @file What every naive Bayes is fitted on: rows, each of a class and with a weight. */
import { modelClasses } from "../class-labels.ts";
import { checkMatrix, type DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import type { Classifier, ClassLabel, FitOptions } from "../estimator.ts";
import { observedEstimator } from "../fit-observer.ts";
import { rowWeights } from "../row-weights.ts";
import type { ClassTarget } from "../target.ts";
import { Turns } from "../turns.ts";
import type { Likelihood } from "./likelihood.ts";
import { NaiveBayesModel } from "./naive-bayes-model.ts";

const blockRows = 1024;

/** Rows of classes. */
export interface ClassRows {
  readonly rows: DenseMatrix;
  readonly classes: readonly ClassLabel[];
  /** The place of each row's class. */
  readonly codes: Int32Array;
  /** The weight of a row. */
  readonly weight: (row: number) => number;
  /** The weight of each class: the number of its rows where all count the same. */
  readonly totals: Float64Array;
  /** Calls back for each row, and gives the event loop turns. */
  readonly each: (visit: (row: number, code: number, weight: number) => void) => Promise<void>;
}

/** A classifier whose fit is a function of {@link ClassRows}. `create` makes it with other settings. */
export function naiveBayes<Settings extends object>(
  kind: string,
  settings: Readonly<Settings>,
  create: (settings: Partial<Settings>) => Classifier<Settings, NaiveBayesModel>,
  learn: (rows: ClassRows) => Promise<Likelihood>,
): Classifier<Settings, NaiveBayesModel> {
  return observedEstimator({
    kind,
    task: "classification",
    settings,
    with: (changes) => create({ ...settings, ...changes }),
    fit: async (matrix, target, options) => {
      const rows = classRows(kind, matrix, target, options);
      return new NaiveBayesModel([...matrix.columns], rows.classes, await learn(rows));
    },
  });
}

function classRows(
  kind: string,
  rows: DenseMatrix,
  target: ClassTarget,
  { weights, signal }: FitOptions = {},
): ClassRows {
  const turns = new Turns(signal);
  checkMatrix(rows);
  const { classes, codes } = modelClasses(target, rows.rows);
  const given = rowWeights(weights, rows.rows);
  const weight = (row: number): number => (given ? (given[row] ?? 0) : 1);
  const totals = new Float64Array(classes.length);
  for (const [row, code] of codes.entries()) totals[code] = (totals[code] ?? 0) + weight(row);
  const lost = totals.indexOf(0);
  if (lost >= 0)
    throw new InvalidInputError(`${kind}: all rows of the class ${String(classes[lost])} have weight 0`);
  return {
    rows,
    classes,
    codes,
    weight,
    totals,
    each: async (visit) => {
      for (let from = 0; from < rows.rows; from += blockRows) {
        const to = Math.min(rows.rows, from + blockRows);
        for (let row = from; row < to; row++) visit(row, codes[row] ?? 0, weight(row));
        if (turns.due) await turns.give();
      }
    },
  };
}

/** Sums of columns by class, weighted: `classes` by `columns`. A column's value is changed by `map` first. */
export async function classSums(
  { rows: { data, columns }, classes, each }: ClassRows,
  map?: (value: number, column: number) => number,
): Promise<Float64Array> {
  const width = columns.length;
  const sums = new Float64Array(classes.length * width);
  await each((row, code, weight) => {
    const from = row * width;
    const to = code * width;
    for (let column = 0; column < width; column++) {
      const value = data[from + column] ?? 0;
      sums[to + column] = (sums[to + column] ?? 0) + weight * (map ? map(value, column) : value);
    }
  });
  return sums;
}

/** The logarithms of the classes' shares, or of equal ones. */
export function logPriors(totals: Float64Array, fitPrior: boolean): Float64Array {
  const sum = totals.reduce((all, total) => all + total, 0);
  return totals.map((total) => (fitPrior ? Math.log(total) - Math.log(sum) : -Math.log(totals.length)));
}

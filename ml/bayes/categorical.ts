/** @file Categorical naive Bayes: features are categories, by their numbers from 0. */
import * as v from "valibot";
import { arrayJson, arraySchema } from "../array-json.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import type { Classifier } from "../estimator.ts";
import { fromData } from "../graph/create.ts";
import { take } from "../graph/functions/indexing.ts";
import { finiteNumbers } from "../model-json.ts";
import { requirePositive } from "../settings.ts";
import { logPriors, naiveBayes, type ClassRows } from "./fit-rows.ts";
import type { DoubleFeatures, Likelihood } from "./likelihood.ts";
import type { NaiveBayesModel } from "./naive-bayes-model.ts";

const kind = "categoricalNaiveBayes";
/** A category's number beyond it is a mistake, not a category. */
const mostCategories = 1_000_000;

/** How {@link categoricalNaiveBayes} learns. */
export interface CategoricalNaiveBayesSettings {
  /** Added to the count of each category in each class; 1. */
  readonly alpha: number;
  /** Whether classes are as likely as they were frequent, and not all the same; true. */
  readonly fitPrior: boolean;
}

/**
 * Categorical naive Bayes, as scikit-learn's `CategoricalNB`: each feature is a category, a whole number from 0 such as
 * `ordinal()` makes.
 * @throws {@link InvalidInputError} for settings out of range; the fit for other numbers; the model for a category above
 *   those of the fit
 */
export function categoricalNaiveBayes({
  alpha = 1,
  fitPrior = true,
}: Partial<CategoricalNaiveBayesSettings> = {}): Classifier<CategoricalNaiveBayesSettings, NaiveBayesModel> {
  requirePositive("alpha", alpha);
  return naiveBayes(kind, { alpha, fitPrior }, categoricalNaiveBayes, async (rows) => {
    const counts = categoryCounts(rows.rows);
    return categoricalLikelihood({
      counts,
      tables: await tablesOf(rows, counts, alpha),
      priors: logPriors(rows.totals, fitPrior),
    });
  });
}

/** What {@link categoricalLikelihood} is made of, in JSON. */
export const categoricalSchema = v.pipe(
  v.object({
    /** How many categories each column has. */
    counts: arraySchema("int32"),
    /** For each column in turn, for each of its categories, what that adds to each class. */
    tables: finiteNumbers(arraySchema("float64")),
    priors: finiteNumbers(arraySchema("float64")),
  }),
  v.check(
    ({ counts, tables, priors }) =>
      counts.every((count) => count >= 1) &&
      counts.reduce((sum, count) => sum + count, 0) * priors.length === tables.length,
    "the tables must be of the columns' categories and the classes",
  ),
);

function categoryCounts({ data, rows, columns }: DenseMatrix): Int32Array {
  const width = columns.length;
  const counts = new Int32Array(width);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      const value = data[row * width + column] ?? 0;
      checkCategory(value, mostCategories, columns[column], row);
      counts[column] = Math.max(counts[column] ?? 0, value + 1);
    }
  }
  return counts;
}

function checkCategory(value: number, count: number, column: string | undefined, row: number): void {
  if (value >= 0 && value < count && Number.isInteger(value)) return;
  throw new InvalidInputError(
    `${kind} needs categories from 0 to ${count - 1}: column "${column}" holds ${value} in row ${row}`,
  );
}

async function tablesOf(
  { rows: { data, columns }, classes, each }: ClassRows,
  counts: Int32Array,
  alpha: number,
): Promise<Float64Array> {
  const width = columns.length;
  const size = classes.length;
  const starts = startsOf(counts);
  const tables = new Float64Array(counts.reduce((sum, count) => sum + count, 0) * size).fill(alpha);
  await each((row, code, weight) => {
    for (let column = 0; column < width; column++) {
      const at = ((starts[column] ?? 0) + (data[row * width + column] ?? 0)) * size + code;
      tables[at] = (tables[at] ?? 0) + weight;
    }
  });
  for (const [column, count] of counts.entries()) {
    const start = (starts[column] ?? 0) * size;
    for (let code = 0; code < size; code++) {
      let total = 0;
      for (let category = 0; category < count; category++)
        total += tables[start + category * size + code] ?? 0;
      for (let category = 0; category < count; category++) {
        const at = start + category * size + code;
        tables[at] = Math.log(tables[at] ?? 0) - Math.log(total);
      }
    }
  }
  return tables;
}

function startsOf(counts: Int32Array): Int32Array {
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum - count;
  });
}

/** Distributions over each column's categories in each class. */
export function categoricalLikelihood(learnt: v.InferOutput<typeof categoricalSchema>): Likelihood {
  const { counts, tables, priors } = learnt;
  const starts = startsOf(counts);
  const size = priors.length;
  const width = counts.length;
  return {
    kind,
    logarithms: ({ data, columns }, from, to, joint) => {
      for (let row = from; row < to; row++) {
        const out = (row - from) * size;
        joint.set(priors, out);
        for (let column = 0; column < width; column++) {
          const category = data[row * width + column] ?? 0;
          checkCategory(category, counts[column] ?? 0, columns[column], row);
          const start = ((starts[column] ?? 0) + category) * size;
          for (let code = 0; code < size; code++)
            joint[out + code] = (joint[out + code] ?? 0) + (tables[start + code] ?? 0);
        }
      }
    },
    trace: (features) => {
      let sum: DoubleFeatures | undefined;
      const categories = features.cast("int64");
      for (const [column, count] of counts.entries()) {
        const start = (starts[column] ?? 0) * size;
        const table = fromData("float64", tables.slice(start, start + count * size), [count, size]);
        const added = take(table, categories.slice(null, column));
        sum = sum === undefined ? added : sum.add(added);
      }
      const prior = fromData("float64", priors, [1, size]);
      if (!sum) throw new InvalidInputError(`${kind} has no columns`);
      return sum.add(prior);
    },
    parameters: () => ({
      counts: arrayJson("int32", counts),
      tables: arrayJson("float64", tables),
      priors: arrayJson("float64", priors),
    }),
  };
}

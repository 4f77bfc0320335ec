/** @file Gaussian naive Bayes: within a class each feature has a normal distribution. */
import * as v from "valibot";
import { arrayJson, arraySchema } from "../array-json.ts";
import { InvalidInputError } from "../errors.ts";
import type { Classifier } from "../estimator.ts";
import { fromData } from "../graph/create.ts";
import { concat } from "../graph/functions/arrange.ts";
import { finiteNumbers } from "../model-json.ts";
import { requireNotNegative } from "../settings.ts";
import { classSums, logPriors, naiveBayes, type ClassRows } from "./fit-rows.ts";
import type { Likelihood } from "./likelihood.ts";
import type { NaiveBayesModel } from "./naive-bayes-model.ts";

/** How {@link gaussianNaiveBayes} learns. */
export interface GaussianNaiveBayesSettings {
  /** The share of the largest variance of a column that is added to all variances; 1e-9. */
  readonly varSmoothing: number;
}

/**
 * Gaussian naive Bayes, as scikit-learn's `GaussianNB`: within a class each feature has a normal distribution of its own.
 * @throws {@link InvalidInputError} for settings out of range
 */
export function gaussianNaiveBayes({
  varSmoothing = 1e-9,
}: Partial<GaussianNaiveBayesSettings> = {}): Classifier<GaussianNaiveBayesSettings, NaiveBayesModel> {
  requireNotNegative("varSmoothing", varSmoothing);
  return naiveBayes("gaussianNaiveBayes", { varSmoothing }, gaussianNaiveBayes, async (rows) =>
    gaussianLikelihood(await moments(rows, varSmoothing)),
  );
}

const doubles = finiteNumbers(arraySchema("float64"));

/** What {@link gaussianLikelihood} is made of, in JSON. */
export const gaussianSchema = v.object({
  /** `classes` by `columns`, as the variances. */
  means: doubles,
  variances: v.pipe(
    doubles,
    v.check((values) => values.every((value) => value > 0), "variances must be above 0"),
  ),
  /** The logarithm of each class's share. */
  priors: doubles,
});

type Gaussians = v.InferOutput<typeof gaussianSchema>;

async function moments(rows: ClassRows, varSmoothing: number): Promise<Gaussians> {
  const { data, columns } = rows.rows;
  const width = columns.length;
  const { totals, classes } = rows;
  // By differences from the first row: what is constant has no variance by rounding.
  const means = await classSums(rows, (value, column) => value - (data[column] ?? 0));
  for (const [code, total] of totals.entries())
    for (let column = 0; column < width; column++) {
      const at = code * width + column;
      means[at] = (data[column] ?? 0) + (means[at] ?? 0) / total;
    }
  const variances = new Float64Array(classes.length * width);
  await rows.each((row, code, weight) => {
    const from = row * width;
    const to = code * width;
    for (let column = 0; column < width; column++) {
      const difference = (data[from + column] ?? 0) - (means[to + column] ?? 0);
      variances[to + column] = (variances[to + column] ?? 0) + weight * difference * difference;
    }
  });
  const least = varSmoothing * (await largestVariance(rows));
  for (const [code, total] of totals.entries())
    for (let at = code * width; at < (code + 1) * width; at++)
      variances[at] = (variances[at] ?? 0) / total + least;
  const constant = variances.findIndex((variance) => !(variance > 0));
  if (constant >= 0)
    throw new InvalidInputError(
      `column "${columns[constant % width]}" is constant in the class ${String(classes[Math.floor(constant / width)])}, which a normal distribution can't be: remove the column${varSmoothing > 0 ? "" : ", or set varSmoothing above 0"}`,
    );
  const infinite = variances.findIndex((variance) => variance === Infinity);
  if (infinite >= 0)
    throw new InvalidInputError(`column "${columns[infinite % width]}" has too large numbers: scale it`);
  return { means, variances, priors: logPriors(totals, true) };
}

/** The largest variance of a column over all rows, unweighted. */
async function largestVariance({ rows: { data, rows, columns }, each }: ClassRows): Promise<number> {
  const width = columns.length;
  const means = new Float64Array(width);
  await each((row) => {
    for (let column = 0; column < width; column++)
      means[column] = (means[column] ?? 0) + ((data[row * width + column] ?? 0) - (data[column] ?? 0)) / rows;
  });
  means.forEach((mean, column) => (means[column] = mean + (data[column] ?? 0)));
  const variances = new Float64Array(width);
  await each((row) => {
    for (let column = 0; column < width; column++)
      variances[column] =
        (variances[column] ?? 0) + ((data[row * width + column] ?? 0) - (means[column] ?? 0)) ** 2;
  });
  return variances.reduce((largest, variance) => Math.max(largest, variance / rows), 0);
}

/** Normal distributions of independent features in each class. */
export function gaussianLikelihood(learnt: Gaussians): Likelihood {
  const { means, variances, priors } = learnt;
  const width = means.length / priors.length;
  // What doesn't depend on a row, and half of one over each variance.
  const offsets = priors.map((prior, code) => {
    let sum = 0;
    for (let at = code * width; at < (code + 1) * width; at++)
      sum += Math.log(2 * Math.PI * (variances[at] ?? 1));
    return prior - 0.5 * sum;
  });
  const factors = variances.map((variance) => 0.5 / variance);
  return {
    kind: "gaussianNaiveBayes",
    logarithms: ({ data }, from, to, joint) => {
      let at = 0;
      for (let row = from; row < to; row++) {
        for (const [code, offset] of offsets.entries()) {
          const start = code * width;
          let sum = 0;
          for (let column = 0; column < width; column++) {
            const difference = (data[row * width + column] ?? 0) - (means[start + column] ?? 0);
            sum += difference * difference * (factors[start + column] ?? 0);
          }
          joint[at++] = offset - sum;
        }
      }
    },
    trace: (features) => {
      const sums = Array.from(priors.keys(), (code) => {
        const part = [code * width, (code + 1) * width] as const;
        const mean = fromData("float64", means.slice(...part), [1, width]);
        const factor = fromData("float64", factors.slice(...part), [width, 1]);
        return features.sub(mean).square().matmul(factor);
      });
      return fromData("float64", offsets, [1, offsets.length]).sub(concat(sums, 1));
    },
    parameters: () => ({
      means: arrayJson("float64", means),
      variances: arrayJson("float64", variances),
      priors: arrayJson("float64", priors),
    }),
  };
}

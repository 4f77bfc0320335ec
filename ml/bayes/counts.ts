/** @file Naive Bayes of counts, such as those of words: multinomial and complement. */
import type { Classifier } from "../estimator.ts";
import { requirePositive } from "../settings.ts";
import { classSums, logPriors, naiveBayes } from "./fit-rows.ts";
import { checkCounts, linearLikelihood } from "./linear-likelihood.ts";
import type { NaiveBayesModel } from "./naive-bayes-model.ts";

/** How {@link multinomialNaiveBayes} learns. */
export interface MultinomialNaiveBayesSettings {
  /** Added to the count of each feature in each class; 1. */
  readonly alpha: number;
  /** Whether classes are as likely as they were frequent, and not all the same; true. */
  readonly fitPrior: boolean;
}

/** How {@link complementNaiveBayes} learns. */
export interface ComplementNaiveBayesSettings {
  /** Added to the count of each feature in each class; 1. */
  readonly alpha: number;
  /** Whether a class's weights are divided by their sum; false. */
  readonly norm: boolean;
}

/**
 * Multinomial naive Bayes, as scikit-learn's `MultinomialNB`: a row's features are counts of draws from the class's
 * distribution over features.
 * @throws InvalidInputError for settings out of range; the fit and the model, for negative numbers
 */
export function multinomialNaiveBayes({
  alpha = 1,
  fitPrior = true,
}: Partial<MultinomialNaiveBayesSettings> = {}): Classifier<MultinomialNaiveBayesSettings, NaiveBayesModel> {
  requirePositive("alpha", alpha);
  const kind = "multinomialNaiveBayes";
  return naiveBayes(kind, { alpha, fitPrior }, multinomialNaiveBayes, async (rows) => {
    checkCounts(kind, rows.rows, 0, rows.rows.rows);
    const weights = (await classSums(rows)).map((count) => count + alpha);
    const width = rows.rows.columns.length;
    for (let start = 0; start < weights.length; start += width) {
      const part = weights.subarray(start, start + width);
      const total = Math.log(part.reduce((sum, count) => sum + count, 0));
      part.forEach((count, column) => (part[column] = Math.log(count) - total));
    }
    return linearLikelihood(kind, { weights, priors: logPriors(rows.totals, fitPrior) });
  });
}

/**
 * Complement naive Bayes, as scikit-learn's `ComplementNB` (Rennie, Shih, Teevan and Karger, "Tackling the poor
 * assumptions of naive Bayes text classifiers", 2003): each class is judged by the counts of all others, which is fairer
 * to rare classes.
 * @throws InvalidInputError for settings out of range; the fit and the model, for negative numbers
 */
export function complementNaiveBayes({
  alpha = 1,
  norm = false,
}: Partial<ComplementNaiveBayesSettings> = {}): Classifier<ComplementNaiveBayesSettings, NaiveBayesModel> {
  requirePositive("alpha", alpha);
  const kind = "complementNaiveBayes";
  return naiveBayes(kind, { alpha, norm }, complementNaiveBayes, async (rows) => {
    checkCounts(kind, rows.rows, 0, rows.rows.rows);
    const sums = await classSums(rows);
    const width = rows.rows.columns.length;
    const all = new Float64Array(width);
    for (const [at, sum] of sums.entries()) all[at % width] = (all[at % width] ?? 0) + sum;
    const weights = sums.map((sum, at) => (all[at % width] ?? 0) + alpha - sum);
    for (let start = 0; start < weights.length; start += width) {
      const part = weights.subarray(start, start + width);
      const total = part.reduce((sum, count) => sum + count, 0);
      part.forEach((count, column) => (part[column] = Math.log(count / total)));
      const divisor = norm ? part.reduce((sum, logarithm) => sum + logarithm, 0) : -1;
      part.forEach((logarithm, column) => (part[column] = logarithm / divisor));
    }
    return linearLikelihood(kind, { weights, priors: new Float64Array(rows.classes.length) });
  });
}

import type { Classifier } from "../estimator.ts";
import { InvalidInputError } from "../errors.ts";
import { requirePositive } from "../settings.ts";
import { classSums, logPriors, naiveBayes } from "./fit-rows.ts";
import { linearLikelihood } from "./linear-likelihood.ts";
import type { NaiveBayesModel } from "./naive-bayes-model.ts";

/** How {@link bernoulliNaiveBayes} learns. */
export interface BernoulliNaiveBayesSettings {
  /** Added to the count of each feature's yes and no in each class; 1. */
  readonly alpha: number;
  /** A feature is a yes above this number; 0. */
  readonly binarize: number;
  /** Whether classes are as likely as they were frequent, and not all the same; true. */
  readonly fitPrior: boolean;
}

/**
 * Bernoulli naive Bayes, as scikit-learn's `BernoulliNB`: each feature is a yes or a no, and a no tells as much as a yes.
 * @throws {@link InvalidInputError} for settings out of range
 */
export function bernoulliNaiveBayes({
  alpha = 1,
  binarize = 0,
  fitPrior = true,
}: Partial<BernoulliNaiveBayesSettings> = {}): Classifier<BernoulliNaiveBayesSettings, NaiveBayesModel> {
  requirePositive("alpha", alpha);
  if (!Number.isFinite(binarize))
    throw new InvalidInputError(`binarize must be a finite number, not ${binarize}`);
  const kind = "bernoulliNaiveBayes";
  return naiveBayes(kind, { alpha, binarize, fitPrior }, bernoulliNaiveBayes, async (rows) => {
    const weights = await classSums(rows, (value) => (value > binarize ? 1 : 0));
    const width = rows.rows.columns.length;
    const priors = logPriors(rows.totals, fitPrior);
    for (const [at, count] of weights.entries()) {
      const code = Math.floor(at / width);
      const total = Math.log((rows.totals[code] ?? 0) + 2 * alpha);
      const yes = Math.log(count + alpha) - total;
      const no = Math.log((rows.totals[code] ?? 0) - count + alpha) - total;
      weights[at] = yes - no;
      priors[code] = (priors[code] ?? 0) + no;
    }
    return linearLikelihood(kind, { weights, priors, binarize });
  });
}

/** @file `tenon/bayes`: naive Bayes classifiers. */
export { bernoulliNaiveBayes, type BernoulliNaiveBayesSettings } from "./bernoulli.ts";
export { categoricalNaiveBayes, type CategoricalNaiveBayesSettings } from "./categorical.ts";
export {
  complementNaiveBayes,
  multinomialNaiveBayes,
  type ComplementNaiveBayesSettings,
  type MultinomialNaiveBayesSettings,
} from "./counts.ts";
export { gaussianNaiveBayes, type GaussianNaiveBayesSettings } from "./gaussian.ts";
export { loadBayes } from "./load-bayes.ts";
export type { NaiveBayesModel } from "./naive-bayes-model.ts";

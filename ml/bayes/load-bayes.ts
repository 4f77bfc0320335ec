/** @file Naive Bayes models that were stored as JSON. */
import * as v from "valibot";
import { classesSchema } from "../class-labels.ts";
import { InvalidInputError } from "../errors.ts";
import { modelParts, readModel } from "../model-json.ts";
import { categoricalLikelihood, categoricalSchema } from "./categorical.ts";
import { gaussianLikelihood, gaussianSchema } from "./gaussian.ts";
import type { Likelihood } from "./likelihood.ts";
import { linearKinds, linearLikelihood, linearSchema } from "./linear-likelihood.ts";
import { NaiveBayesModel } from "./naive-bayes-model.ts";

const schema = v.object({
  ...modelParts,
  kind: v.picklist(["gaussianNaiveBayes", "categoricalNaiveBayes", ...linearKinds]),
  classes: classesSchema,
});

/**
 * The model that `JSON.stringify` was given.
 * @throws {@link InvalidInputError} for what isn't that
 */
export function loadBayes(json: unknown): NaiveBayesModel {
  const { kind, classes, featureNames } = readModel("naive Bayes model", schema, json);
  const sizes = { classes: classes.length, width: featureNames.length };
  return new NaiveBayesModel(featureNames, classes, likelihoodOf(kind, json, sizes));
}

function likelihoodOf(
  kind: v.InferOutput<typeof schema>["kind"],
  json: unknown,
  { classes, width }: { readonly classes: number; readonly width: number },
): Likelihood {
  const require = (...holds: readonly boolean[]): void => {
    if (holds.includes(false))
      throw new InvalidInputError(`this is no ${kind}: its numbers are not of its classes and columns`);
  };
  switch (kind) {
    case "gaussianNaiveBayes": {
      const learnt = readModel(kind, gaussianSchema, json);
      const { means, variances, priors } = learnt;
      require(means.length === classes * width, variances.length === means.length, priors.length === classes);
      return gaussianLikelihood(learnt);
    }
    case "categoricalNaiveBayes": {
      const learnt = readModel(kind, categoricalSchema, json);
      require(learnt.counts.length === width, learnt.priors.length === classes);
      return categoricalLikelihood(learnt);
    }
    default: {
      const learnt = readModel(kind, linearSchema, json);
      require(learnt.weights.length === classes * width, learnt.priors.length === classes);
      return linearLikelihood(kind, learnt);
    }
  }
}

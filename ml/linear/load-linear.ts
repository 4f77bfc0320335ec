/** @file Linear models that were stored as JSON. */
import * as v from "valibot";
import { arraySchema } from "../array-json.ts";
import { classesSchema } from "../class-labels.ts";
import { InvalidInputError } from "../errors.ts";
import { finiteNumbers, modelParts, readModel } from "../model-json.ts";
import { classificationKinds, LinearClassificationModel } from "./classification-model.ts";
import { LinearRegressionModel, regressionKinds } from "./regression-model.ts";

const parts = {
  ...modelParts,
  coefficients: finiteNumbers(arraySchema("float64")),
  intercepts: finiteNumbers(arraySchema("float64")),
  iterations: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  converged: v.boolean(),
};
const schema = v.variant("kind", [
  v.object({ kind: v.picklist(regressionKinds), link: v.picklist(["identity", "exp"]), ...parts }),
  v.object({
    kind: v.picklist(classificationKinds),
    link: v.picklist(["sigmoid", "clipped", "softmax"]),
    classes: classesSchema,
    ...parts,
  }),
]);

/**
 * A fitted linear model out of what `JSON.stringify` made of it.
 * @throws {@link InvalidInputError} for what isn't that, saying which part doesn't fit
 */
export function loadLinear(json: unknown): LinearRegressionModel | LinearClassificationModel {
  const stored = readModel("linear model", schema, json);
  const { coefficients, featureNames, intercepts } = stored;
  const count = "classes" in stored ? stored.classes.length : 1;
  const outputs = count === 2 ? 1 : count;
  if (intercepts.length !== outputs)
    throw new InvalidInputError(
      `this is no linear model: intercepts: ${intercepts.length} numbers, where ${outputs} are needed`,
    );
  if (coefficients.length !== outputs * featureNames.length)
    throw new InvalidInputError(
      `this is no linear model: coefficients: ${coefficients.length} numbers of ${outputs} x ${featureNames.length}`,
    );
  if (!("classes" in stored))
    return new LinearRegressionModel(stored.kind, featureNames, stored.link, stored);
  if (stored.link === "softmax" && outputs === 1)
    throw new InvalidInputError("this is no linear model: link: softmax is of more than two classes");
  return new LinearClassificationModel(stored.kind, featureNames, stored.classes, stored.link, stored);
}

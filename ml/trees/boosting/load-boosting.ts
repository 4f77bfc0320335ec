/** @file Models of boosted trees that were stored as JSON. */
import * as v from "valibot";
import { arraySchema } from "../../array-json.ts";
import { classesSchema } from "../../class-labels.ts";
import { InvalidInputError } from "../../errors.ts";
import { modelParts, readModel } from "../../model-json.ts";
import { forestSchema } from "../forest-json.ts";
import { BoostedClassificationModel, BoostedRegressionModel } from "./boosted-model.ts";

const historySchema = v.object({
  rounds: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  // Losses that aren't finite are losses too.
  validationLosses: v.pipe(
    arraySchema("float64"),
    v.transform((losses) => Array.from(losses)),
  ),
});

const schema = v.variant("kind", [
  v.object({
    ...modelParts,
    kind: v.picklist(["gradientBoostingRegressor", "gradientBoostingRanker"]),
    forest: forestSchema,
    history: historySchema,
  }),
  v.object({
    ...modelParts,
    kind: v.literal("gradientBoostingClassifier"),
    classes: classesSchema,
    forest: forestSchema,
    history: historySchema,
  }),
]);

/**
 * The model that `JSON.stringify` was given.
 * @throws {@link InvalidInputError} for what isn't that
 */
export function loadBoosting(json: unknown): BoostedRegressionModel | BoostedClassificationModel {
  const model = readModel("model of boosted trees", schema, json);
  const { forest, history } = model;
  const require = (holds: boolean, what: string): void => {
    if (!holds) throw new InvalidInputError(`this is no ${model.kind}: ${what}`);
  };
  const { featureNames } = model;
  require(featureNames.length === forest.featureNames.length &&
    featureNames.every((name, at) => name === forest.featureNames[at]), "its trees have other features");
  if (model.kind !== "gradientBoostingClassifier") {
    require(forest.outputs === 1 &&
      (forest.link === "identity" || forest.link === "exp"), "its trees give no number");
    return new BoostedRegressionModel(model.kind, forest, history);
  }
  const classes = model.classes.length;
  const isBinary = forest.outputs === 1 && classes === 2 && forest.link === "sigmoid";
  require(isBinary ||
    (forest.outputs === classes && forest.link === "softmax"), "its trees are not of its classes");
  return new BoostedClassificationModel(model.classes, forest, history);
}

/** @file Models of forests that were stored as JSON. */
import * as v from "valibot";
import { classesSchema } from "../../class-labels.ts";
import { InvalidInputError } from "../../errors.ts";
import { modelParts, readModel } from "../../model-json.ts";
import { forestSchema } from "../forest-json.ts";
import { ForestClassification, ForestRegression } from "../forest-models.ts";
import { IsolationForestModel } from "./isolation-model.ts";

const libraries = ["xgboost", "lightgbm", "catboost"] as const;

const schema = v.union([
  v.object({
    ...modelParts,
    kind: v.literal("isolationForest"),
    forest: forestSchema,
    samples: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    threshold: v.pipe(v.number(), v.finite()),
  }),
  v.object({
    ...modelParts,
    kind: v.picklist(["randomForestRegressor", "extraTreesRegressor", ...libraries]),
    task: v.literal("regression"),
    forest: forestSchema,
  }),
  v.object({
    ...modelParts,
    kind: v.picklist(["randomForestClassifier", "extraTreesClassifier", ...libraries]),
    task: v.literal("classification"),
    classes: classesSchema,
    forest: forestSchema,
  }),
]);

/**
 * The model that `JSON.stringify` was given: a random forest, extra trees, an isolation forest, or one that another library
 * had trained.
 * @throws {@link InvalidInputError} for what isn't that
 */
export function loadForest(json: unknown): ForestRegression | ForestClassification | IsolationForestModel {
  const model = readModel("model of a forest", schema, json);
  const { forest, featureNames } = model;
  if (JSON.stringify(featureNames) !== JSON.stringify(forest.featureNames))
    throw new InvalidInputError(`this is no ${model.kind}: its trees have other features`);
  if (model.kind === "isolationForest") {
    if (forest.outputs !== 1)
      throw new InvalidInputError("this is no isolationForest: its trees give no path");
    return new IsolationForestModel(model);
  }
  if (model.task === "regression") return new ForestRegression(model.kind, forest);
  return new ForestClassification(model.kind, forest, model.classes);
}

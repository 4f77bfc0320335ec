/** @file Fitted pipelines that were stored as JSON. */
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import { loadFeatures } from "../features/index.ts";
import { readModel } from "../model-json.ts";
import {
  FittedClassificationPipeline,
  FittedRegressionPipeline,
  type FittedPipeline,
} from "./fitted-pipeline.ts";
import { loadModel } from "./load-model.ts";

const schema = v.object({
  version: v.literal(1),
  kind: v.literal("pipeline"),
  task: v.picklist(["regression", "classification"]),
  target: v.string(),
  features: v.unknown(),
  model: v.unknown(),
});

/**
 * A fitted pipeline out of what `JSON.stringify` made of it.
 * @throws {@link InvalidInputError} for what isn't that, or of kinds that this version doesn't know
 */
export function loadPipeline(json: unknown): FittedPipeline {
  const stored = readModel("fitted pipeline", schema, json);
  const features = loadFeatures(stored.features);
  const model = loadModel(stored.model);
  const { names } = features;
  if (names.length !== model.featureNames.length || names.some((name, at) => name !== model.featureNames[at]))
    throw new InvalidInputError("this is no fitted pipeline: the model was fitted on other features");
  if (model.task !== stored.task)
    throw new InvalidInputError(`this is no fitted pipeline: ${model.kind} is no ${stored.task}`);
  return model.task === "regression"
    ? new FittedRegressionPipeline(features, model, stored.target)
    : new FittedClassificationPipeline(features, model, stored.target);
}

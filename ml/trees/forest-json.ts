/** @file A forest as JSON. What is read is checked as far as predictors rely on it. */
import * as v from "valibot";
import { arrayJson, arraySchema } from "../array-json.ts";
import { checkForest } from "./check-forest.ts";
import type { Forest } from "./forest.ts";

const arrays = {
  roots: "int32",
  treeOutputs: "int32",
  rules: "uint8",
  features: "int32",
  thresholds: "float64",
  left: "int32",
  right: "int32",
  missingLeft: "uint8",
  setStarts: "int32",
  setWords: "int32",
  sets: "uint32",
  leafStarts: "int32",
  leafValues: "float64",
  covers: "float64",
  gains: "float64",
  base: "float64",
} as const;

/** A forest as plain data, exact. */
export function forestJson(forest: Forest): Readonly<Record<string, unknown>> {
  return {
    ...forest,
    roots: arrayJson(arrays.roots, forest.roots),
    treeOutputs: arrayJson(arrays.treeOutputs, forest.treeOutputs),
    rules: arrayJson(arrays.rules, forest.rules),
    features: arrayJson(arrays.features, forest.features),
    thresholds: arrayJson(arrays.thresholds, forest.thresholds),
    left: arrayJson(arrays.left, forest.left),
    right: arrayJson(arrays.right, forest.right),
    missingLeft: arrayJson(arrays.missingLeft, forest.missingLeft),
    setStarts: arrayJson(arrays.setStarts, forest.setStarts),
    setWords: arrayJson(arrays.setWords, forest.setWords),
    sets: arrayJson(arrays.sets, forest.sets),
    leafStarts: arrayJson(arrays.leafStarts, forest.leafStarts),
    leafValues: arrayJson(arrays.leafValues, forest.leafValues),
    covers: arrayJson(arrays.covers, forest.covers),
    gains: arrayJson(arrays.gains, forest.gains),
    base: arrayJson(arrays.base, forest.base),
  };
}

/** The schema of {@link forestJson}, which gives the forest and throws `InvalidInputError` for one that isn't sound. */
export const forestSchema = v.pipe(
  v.object({
    featureNames: v.pipe(v.array(v.string()), v.minLength(1)),
    outputs: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    roots: arraySchema(arrays.roots),
    treeOutputs: arraySchema(arrays.treeOutputs),
    rules: arraySchema(arrays.rules),
    features: arraySchema(arrays.features),
    thresholds: arraySchema(arrays.thresholds),
    left: arraySchema(arrays.left),
    right: arraySchema(arrays.right),
    missingLeft: arraySchema(arrays.missingLeft),
    setStarts: arraySchema(arrays.setStarts),
    setWords: arraySchema(arrays.setWords),
    sets: arraySchema(arrays.sets),
    leafStarts: arraySchema(arrays.leafStarts),
    leafValues: arraySchema(arrays.leafValues),
    covers: arraySchema(arrays.covers),
    gains: arraySchema(arrays.gains),
    base: arraySchema(arrays.base),
    average: v.boolean(),
    link: v.picklist(["identity", "sigmoid", "softmax", "exp"]),
    precision: v.picklist(["float32", "float64"]),
    zeroAsMissing: v.exactOptional(v.number()),
  }),
  v.transform((forest): Forest => {
    checkForest(forest);
    return forest;
  }),
);

/** @file Forests as JSON. */
import * as v from "valibot";
import { arrayJson, arraySchema, type ArrayJson } from "../array-json.ts";
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

/** A forest as JSON; its arrays are {@link ArrayJson}. */
export type ForestJson = Readonly<Record<string, unknown>> & {
  readonly [Name in keyof typeof arrays]: ArrayJson<(typeof arrays)[Name]>;
};

/** A forest as JSON, which {@link forestSchema} reads. */
export function forestJson(forest: Forest): ForestJson {
  const { featureNames, outputs, average, link, precision, zeroAsMissing } = forest;
  const array = <Name extends keyof typeof arrays>(name: Name): ArrayJson<(typeof arrays)[Name]> =>
    // SAFETY: the table names the type of each array of a forest.
    arrayJson(arrays[name], forest[name] as never);
  return {
    featureNames,
    outputs,
    average,
    link,
    precision,
    ...(zeroAsMissing !== undefined && { zeroAsMissing }),
    roots: array("roots"),
    treeOutputs: array("treeOutputs"),
    rules: array("rules"),
    features: array("features"),
    thresholds: array("thresholds"),
    left: array("left"),
    right: array("right"),
    missingLeft: array("missingLeft"),
    setStarts: array("setStarts"),
    setWords: array("setWords"),
    sets: array("sets"),
    leafStarts: array("leafStarts"),
    leafValues: array("leafValues"),
    covers: array("covers"),
    gains: array("gains"),
    base: array("base"),
  };
}

/** The schema of a forest as JSON, which gives the forest, checked. */
export const forestSchema = v.pipe(
  v.object({
    featureNames: v.array(v.string()),
    outputs: v.number(),
    average: v.boolean(),
    link: v.picklist(["identity", "sigmoid", "softmax", "exp"]),
    precision: v.picklist(["float32", "float64"]),
    zeroAsMissing: v.optional(v.number()),
    roots: arraySchema("int32"),
    treeOutputs: arraySchema("int32"),
    rules: arraySchema("uint8"),
    features: arraySchema("int32"),
    thresholds: arraySchema("float64"),
    left: arraySchema("int32"),
    right: arraySchema("int32"),
    missingLeft: arraySchema("uint8"),
    setStarts: arraySchema("int32"),
    setWords: arraySchema("int32"),
    sets: arraySchema("uint32"),
    leafStarts: arraySchema("int32"),
    leafValues: arraySchema("float64"),
    covers: arraySchema("float64"),
    gains: arraySchema("float64"),
    base: arraySchema("float64"),
  }),
  v.transform(({ zeroAsMissing, ...rest }): Forest => {
    const forest = { ...rest, ...(zeroAsMissing !== undefined && { zeroAsMissing }) };
    checkForest(forest);
    return forest;
  }),
);

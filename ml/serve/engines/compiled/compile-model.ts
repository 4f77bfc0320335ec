/** @file Fitted models as functions of features that answer at once: forests by their kernels, linear models by plain loops. */
import * as v from "valibot";
import { arraySchema } from "../../../array-json.ts";
import {
  applyLink as applyRegressionLink,
  marginsOf,
  probabilitiesOf,
} from "../../../linear/linear-function.ts";
import type { Forest } from "../../../trees/forest.ts";
import { forestSchema } from "../../../trees/forest-json.ts";
import { compileCheckedForest } from "../../../trees/predictor/compile-forest.ts";

/** Computes a number for each row, or a probability for each class and row. */
export interface CompiledModel {
  readonly width: number;
  /** None where it predicts a number. */
  readonly classes: readonly (string | number | boolean)[] | undefined;
  /** How much memory it holds, in bytes, by and large. */
  readonly bytes: number;
  /** @param features of `count` rows, and maybe more behind them */
  readonly predict: (features: Float32Array, count: number) => Float32Array;
}

const featureNames = v.array(v.string());
const classes = v.union([v.array(v.string()), v.array(v.number()), v.array(v.boolean())]);
const numbers = arraySchema("float64");

const forestModel = v.object({
  kind: v.string(),
  featureNames,
  classes: v.optional(classes),
  forest: forestSchema,
});
const linearModel = v.object({
  kind: v.string(),
  featureNames,
  coefficients: numbers,
  intercepts: numbers,
  link: v.picklist(["identity", "exp", "sigmoid", "clipped", "softmax"]),
  classes: v.optional(classes),
});

/** The model; undefined for a kind that is left to the graph. */
export function compileModel(json: unknown): CompiledModel | undefined {
  const forest = v.safeParse(forestModel, json);
  if (forest.success) return ofForest(forest.output.forest, forest.output.classes);
  const linear = v.safeParse(linearModel, json);
  return linear.success ? ofLinear(linear.output) : undefined;
}

function ofForest(forest: Forest, labels: CompiledModel["classes"]): CompiledModel | undefined {
  const { outputs } = forest;
  const width = forest.featureNames.length;
  const expected = labels ? (outputs === 1 ? 2 : outputs) : 1;
  if ((labels?.length ?? 1) !== expected || (!labels && outputs !== 1)) return undefined;
  const predictor = compileCheckedForest(forest);
  let sums = new Float64Array(64 * outputs);
  const predict = (features: Float32Array, count: number): Float32Array => {
    if (sums.length < count * outputs) sums = new Float64Array(count * outputs);
    predictor.predict(features, count, sums);
    const found = new Float32Array(count * expected);
    if (expected === outputs) for (let at = 0; at < found.length; at++) found[at] = sums[at] ?? 0;
    else
      for (let row = 0; row < count; row++) {
        const second = sums[row] ?? 0;
        found[2 * row] = 1 - second;
        found[2 * row + 1] = second;
      }
    return found;
  };
  return { width, classes: labels, bytes: forest.rules.length * 64, predict };
}

function ofLinear(model: v.InferOutput<typeof linearModel>): CompiledModel | undefined {
  const { coefficients, intercepts, link, classes: labels } = model;
  const width = model.featureNames.length;
  const outputs = intercepts.length;
  if (coefficients.length !== outputs * width) return undefined;
  const bytes = coefficients.byteLength;
  if (link === "identity" || link === "exp") {
    if (labels || outputs !== 1) return undefined;
    const predict = (features: Float32Array, count: number): Float32Array => {
      const margins = marginsOf(model, features.subarray(0, count * width));
      const found = new Float32Array(count);
      applyRegressionLink(link, margins, found);
      return found;
    };
    return { width, classes: undefined, bytes, predict };
  }
  if (labels?.length !== Math.max(outputs, 2)) return undefined;
  const predict = (features: Float32Array, count: number): Float32Array => {
    const margins = marginsOf(model, features.subarray(0, count * width));
    const found = new Float32Array(count * labels.length);
    probabilitiesOf(link, margins, outputs, found);
    return found;
  };
  return { width, classes: labels, bytes, predict };
}

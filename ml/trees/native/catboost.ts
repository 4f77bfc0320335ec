/** @file CatBoost's models (JSON) as forests. */
import type { ClassLabel } from "../../estimator.ts";
import { ForestBuilder, type SourceNode } from "../forest-builder.ts";
import { NodeRule, type ForestLink } from "../forest.ts";
import {
  catboostNodeSchema,
  catboostSchema,
  type CatboostModel,
  type CatboostNode,
  type CatboostSplit,
  type CatboostSymmetricTree,
} from "./catboost-schema.ts";
import { ForestFileError } from "./errors.ts";
import { partsOf, readingOf, type NativeModel } from "./native-model.ts";

/** What CatBoost's own predictions make of the sum, by loss; the sum itself for any other. */
const links: Readonly<Record<string, ForestLink>> = {
  Logloss: "sigmoid",
  CrossEntropy: "sigmoid",
  MultiClass: "softmax",
  MultiClassOneVsAll: "sigmoid",
  Poisson: "exp",
  Tweedie: "exp",
};
const classLosses = new Set(["Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll"]);

/** A symmetric tree has at most as many levels in CatBoost. */
const mostLevels = 16;

/**
 * The forest of a model that CatBoost saved as JSON: symmetric and other trees on numeric features. Classes are put in
 * ascending order.
 * @throws {@link ForestFileError} for what is no such model, and for splits on categories, texts or embeddings, whose
 * statistics are no forest
 */
export function decodeCatboost(bytes: Uint8Array): NativeModel {
  return readingOf("CatBoost", () => {
    const model = partsOf(catboostSchema, JSON.parse(new TextDecoder().decode(bytes)));
    const loss = model.model_info?.params?.loss_function?.type ?? "";
    const [scale, given] = model.scale_and_bias;
    const bias = typeof given === "number" ? [given] : given;
    const outputs = bias.length;
    const classes = classLosses.has(loss) ? classesOf(model, outputs) : undefined;
    // For two classes by one output, the second's, the other order is the opposite sum.
    const isOpposite = outputs === 1 && classes !== undefined && classes.order[0] === 1;
    const places = outputs > 1 && classes ? classes.order : bias.map((_, at) => at);
    const inOrder = (values: readonly number[], factor: number): number[] =>
      places.map((place) => (values[place] ?? Number.NaN) * (isOpposite ? -factor : factor));
    const features = featuresOf(model);
    const builder = new ForestBuilder();
    const trees = model.oblivious_trees ?? model.trees ?? [];
    for (const [at, tree] of trees.entries()) {
      const nodeOf = model.oblivious_trees?.[at]
        ? symmetricNodes(model.oblivious_trees[at], outputs, features)
        : nestedNodes(tree, features);
      builder.addTree(outputs === 1 ? 0 : -1, 0, (number) => {
        const node = nodeOf(number);
        return node.leaf ? { ...node, leaf: inOrder(node.leaf, scale) } : node;
      });
    }
    const forest = builder.build({
      featureNames: features.names,
      outputs,
      base: Float64Array.from(inOrder(bias, 1)),
      average: false,
      link: Object.hasOwn(links, loss) ? (links[loss] ?? "identity") : "identity",
      precision: "float32",
    });
    return classes ? { forest, classes: classes.names } : { forest };
  });
}

/** The classes in ascending order, with the place of each in CatBoost's. */
function classesOf(
  { model_info: info }: CatboostModel,
  outputs: number,
): { readonly names: readonly ClassLabel[]; readonly order: readonly number[] } {
  const count = Math.max(outputs, 2);
  const names = info?.class_params?.class_names ?? Array.from({ length: count }, (_, at) => at);
  if (names.length !== count)
    throw new ForestFileError(`it has ${outputs} outputs and ${names.length} classes`);
  const order = Array.from(names.keys()).sort((a, b) => ((names[a] ?? 0) < (names[b] ?? 0) ? -1 : 1));
  return { names: order.flatMap((place) => names[place] ?? []), order };
}

interface Features {
  readonly names: readonly string[];
  /** By number among the float features: the column, and whether NaN goes left. */
  readonly floats: ReadonlyMap<number, { readonly column: number; readonly missingLeft: boolean }>;
}

function featuresOf({ features_info: info }: CatboostModel): Features {
  const all = [
    ...info.float_features,
    ...info.categorical_features,
    ...info.text_features,
    ...info.embedding_features,
  ];
  const names: string[] = Array.from({ length: all.length }, (_, at) => `f${at}`);
  for (const { flat_feature_index: column, feature_id: name } of all) {
    if (!(Number.isInteger(column) && column >= 0 && column < all.length))
      throw new ForestFileError(`a feature stands in column ${column} of ${all.length}`);
    if (name !== "") names[column] = name;
  }
  return {
    names,
    floats: new Map(
      info.float_features.map((feature) => [
        feature.feature_index,
        { column: feature.flat_feature_index, missingLeft: feature.nan_value_treatment !== "AsTrue" },
      ]),
    ),
  };
}

/** A value goes right where it is above the border. */
function testOf(
  { split_type: type, border, float_feature_index: index }: CatboostSplit,
  { floats }: Features,
): SourceNode {
  if (type !== "FloatFeature")
    throw new ForestFileError(
      `it splits by ${type}: only numeric features can be read; encode categories before training`,
    );
  const feature = floats.get(index ?? -1);
  if (!feature || border === undefined) throw new ForestFileError(`there is no float feature ${index}`);
  return {
    rule: NodeRule.atMost,
    feature: feature.column,
    threshold: Math.fround(border),
    missingLeft: feature.missingLeft,
  };
}

/** Nodes of a symmetric tree in the order of a heap: level l begins at 2ˡ − 1. Bit l of a leaf's place is level l's test. */
function symmetricNodes(
  { splits, leaf_values: values, leaf_weights: weights }: CatboostSymmetricTree,
  outputs: number,
  features: Features,
): (number: number) => SourceNode {
  const depth = splits.length;
  if (depth > mostLevels) throw new ForestFileError(`a symmetric tree has ${depth} levels`);
  if (values.length !== 2 ** depth * outputs)
    throw new ForestFileError(
      `a tree of ${depth} levels has ${values.length} values, not ${2 ** depth * outputs}`,
    );
  const tests = splits.map((split) => testOf(split, features));
  return (number) => {
    const level = 31 - Math.clz32(number + 1);
    const path = number + 1 - 2 ** level;
    if (level < depth) return { ...tests[level], left: 2 * number + 1, right: 2 * number + 2 };
    let place = 0;
    for (let bit = 0; bit < depth; bit++) place |= ((path >> (depth - 1 - bit)) & 1) << bit;
    const cover = weights.length === 2 ** depth ? weights[place] : undefined;
    return {
      leaf: values.slice(place * outputs, (place + 1) * outputs),
      ...(cover !== undefined && { cover }),
    };
  };
}

/** Nodes of a nested tree, numbered as they are met. */
function nestedNodes(tree: unknown, features: Features): (number: number) => SourceNode {
  const met: unknown[] = [tree];
  return (number) => {
    const { value, split, left, right, weight }: CatboostNode = partsOf(catboostNodeSchema, met[number]);
    if (split) {
      const first = met.push(left, right) - 2;
      return { ...testOf(split, features), left: first, right: first + 1 };
    }
    if (value === undefined) throw new ForestFileError("a node has neither a split nor a value");
    return {
      leaf: typeof value === "number" ? [value] : value,
      ...(weight !== undefined && { cover: weight }),
    };
  };
}

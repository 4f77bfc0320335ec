/** @file XGBoost's models (JSON and UBJSON) as forests. */
import { ForestBuilder, type SourceNode } from "../forest-builder.ts";
import { NodeRule, type ForestLink } from "../forest.ts";
import { ForestFileError } from "./errors.ts";
import { partsOf, readingOf, type NativeModel } from "./native-model.ts";
import { decodeUbjson } from "./ubjson.ts";
import { xgboostSchema, type XgboostModel, type XgboostTree } from "./xgboost-schema.ts";

/** What an objective makes of the sum, and in which terms the model's `base_score` is. */
interface Objective {
  readonly link: ForestLink;
  /** Turns `base_score` into a sum; the score is one already where absent. */
  readonly toMargin?: (score: number) => number;
  /** What the outputs tell. */
  readonly tells: "numbers" | "two classes" | "classes";
}

const logit = (score: number): number => Math.log(score / (1 - score));
const numbers: Objective = { link: "identity", tells: "numbers" };
const positive: Objective = { link: "exp", toMargin: Math.log, tells: "numbers" };

const objectives: Readonly<Record<string, Objective>> = {
  "reg:squarederror": numbers,
  "reg:linear": numbers,
  "reg:squaredlogerror": numbers,
  "reg:pseudohubererror": numbers,
  "reg:absoluteerror": numbers,
  "reg:quantileerror": numbers,
  "rank:pairwise": numbers,
  "rank:ndcg": numbers,
  "rank:map": numbers,
  "reg:logistic": { link: "sigmoid", toMargin: logit, tells: "numbers" },
  "binary:logistic": { link: "sigmoid", toMargin: logit, tells: "two classes" },
  "binary:logitraw": numbers,
  "multi:softprob": { link: "softmax", tells: "classes" },
  "multi:softmax": { link: "softmax", tells: "classes" },
  "count:poisson": positive,
  "reg:gamma": positive,
  "reg:tweedie": positive,
  "survival:cox": positive,
  "survival:aft": positive,
};

/** Whole numbers have either sign in XGBoost's files where they mean none. */
const noChild = new Set([-1, 2 ** 31 - 1]);

/**
 * The forest of a model that XGBoost saved, with all its trees; categories are the codes that it was trained on. DART's
 * weights are in the leaves.
 * @throws {@link ForestFileError} for what is no such model, a linear one, or one whose objective no forest's link is
 */
export function decodeXgboost(bytes: Uint8Array): NativeModel {
  return readingOf("XGBoost", () => {
    const { learner } = partsOf(xgboostSchema, parse(bytes));
    const { learner_model_param: parameters, objective: named, gradient_booster: booster } = learner;
    const objective = Object.hasOwn(objectives, named.name) ? objectives[named.name] : undefined;
    if (!objective)
      throw new ForestFileError(`its objective is ${named.name}, which becomes no output of a forest`);
    const outputs = Math.max(parameters.num_class, 1) * Math.max(parameters.num_target, 1);
    const { trees, tree_info: groups } = booster.name === "dart" ? booster.gbtree.model : booster.model;
    if (groups.length !== trees.length)
      throw new ForestFileError(`it has ${trees.length} trees and ${groups.length} groups of trees`);
    const builder = new ForestBuilder();
    for (const [at, tree] of trees.entries()) {
      const weight = booster.name === "dart" ? (booster.weight_drop[at] ?? Number.NaN) : 1;
      const isWide = tree.tree_param.size_leaf_vector > 1;
      builder.addTree(isWide ? -1 : (groups[at] ?? 0), 0, nodesOf(tree, weight));
    }
    const forest = builder.build({
      featureNames: namesOf(learner),
      outputs,
      base: baseOf(parameters.base_score, outputs, objective),
      average: false,
      link: objective.link,
      precision: "float32",
    });
    const count =
      objective.tells === "classes" ? outputs : objective.tells === "two classes" && outputs === 1 ? 2 : 0;
    return count === 0 ? { forest } : { forest, classes: Array.from({ length: count }, (_, at) => at) };
  });
}

function parse(bytes: Uint8Array): unknown {
  // Both begin with "{"; in UBJSON a length's type follows, in JSON a quotation mark or space.
  if (/[LilUI#$]/u.test(String.fromCharCode(bytes[1] ?? 0))) return decodeUbjson(bytes);
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    // XGBoost 2 writes NaN, which JSON has not, as the threshold of a node that tests categories.
    return JSON.parse(text.replaceAll(textOrNaN, (found) => (found === "NaN" ? "null" : found)));
  }
}

const textOrNaN = /"[^"\\]*(?:\\.[^"\\]*)*"|NaN/gu;

function namesOf({
  feature_names: names,
  learner_model_param: { num_feature: count },
}: XgboostModel["learner"]): readonly string[] {
  if (names.length === count) return names;
  if (names.length > 0) throw new ForestFileError(`it has ${count} features and ${names.length} names`);
  if (count > 2 ** 20) throw new ForestFileError(`it has ${count} features`);
  return Array.from({ length: count }, (_, at) => `f${at}`);
}

/** One score, or since version 3 one for each output, as in `"[5E-1]"`. */
function baseOf(text: string, outputs: number, { toMargin = (score) => score }: Objective): Float64Array {
  const scores = text.startsWith("[") ? text.slice(1, -1).split(",").map(Number) : [Number(text)];
  if (scores.length !== 1 && scores.length !== outputs)
    throw new ForestFileError(`it has ${outputs} outputs and ${scores.length} base scores`);
  if (outputs > 2 ** 16) throw new ForestFileError(`it has ${outputs} outputs`);
  return Float64Array.from({ length: outputs }, (_, at) =>
    toMargin(scores[at % scores.length] ?? Number.NaN),
  );
}

/** The nodes of a tree, whose leaves are scaled. */
function nodesOf(tree: XgboostTree, weight: number): (number: number) => SourceNode {
  const sets = new Map(tree.categories_nodes.map((node, at) => [node, at]));
  const width = Math.max(tree.tree_param.size_leaf_vector, 1);
  const numberAt = (list: readonly number[], at: number, what: string): number => {
    const value = list[at];
    if (value === undefined) throw new ForestFileError(`a tree has no ${what} at ${at}`);
    return value;
  };
  const leafOf = (node: number): readonly number[] => {
    if (width === 1) return [weight * numberAt(tree.split_conditions, node, "leaf")];
    const isApart = tree.leaf_weights.length > 0;
    const list = isApart ? tree.leaf_weights : tree.base_weights;
    const start = (isApart ? numberAt(tree.right_children, node, "leaf") : node) * width;
    return Array.from({ length: width }, (_, at) => weight * numberAt(list, start + at, "leaf value"));
  };
  return (node) => {
    const left = numberAt(tree.left_children, node, "node");
    const cover = tree.sum_hessian[node];
    const known = { ...(cover !== undefined && { cover }) };
    if (noChild.has(left)) return { leaf: leafOf(node), ...known };
    const gain = tree.loss_changes[node];
    const right = numberAt(tree.right_children, node, "node");
    const missingLeft = Boolean(tree.default_left[node]);
    const split = {
      feature: numberAt(tree.split_indices, node, "feature"),
      ...known,
      ...(gain !== undefined && { gain }),
    };
    if (tree.split_type[node] !== 1) {
      const threshold = Math.fround(numberAt(tree.split_conditions, node, "threshold"));
      return { ...split, rule: NodeRule.below, threshold, missingLeft, left, right };
    }
    const set = sets.get(node) ?? -1;
    const start = numberAt(tree.categories_segments, set, "categories");
    const size = numberAt(tree.categories_sizes, set, "categories");
    if (!(start >= 0 && size >= 0 && start + size <= tree.categories.length))
      throw new ForestFileError(`a tree has no categories at ${start}`);
    const categories = tree.categories.slice(start, start + size);
    // A category of the set goes right in XGBoost.
    return {
      ...split,
      rule: NodeRule.inSet,
      categories,
      missingLeft: !missingLeft,
      left: right,
      right: left,
    };
  };
}

/** @file LightGBM's models (text) as forests. */
import { ForestBuilder, type SourceNode } from "../forest-builder.ts";
import { NodeRule, type ForestLink } from "../forest.ts";
import { ForestFileError } from "./errors.ts";
import { parseLightgbm, type TextBlock } from "./lightgbm-text.ts";
import { readingOf, type NativeModel } from "./native-model.ts";

/** What counts as zero where zeros are missing (LightGBM's kZeroThreshold, a float). */
const zeroThreshold = Math.fround(1e-35);

interface Objective {
  readonly link: ForestLink;
  readonly tells: "numbers" | "two classes" | "classes";
}

const numbers: Objective = { link: "identity", tells: "numbers" };
const positive: Objective = { link: "exp", tells: "numbers" };

const objectives: Readonly<Record<string, Objective>> = {
  regression: numbers,
  regression_l1: numbers,
  huber: numbers,
  fair: numbers,
  quantile: numbers,
  mape: numbers,
  lambdarank: numbers,
  rank_xendcg: numbers,
  custom: numbers,
  poisson: positive,
  gamma: positive,
  tweedie: positive,
  cross_entropy: { link: "sigmoid", tells: "numbers" },
  binary: { link: "sigmoid", tells: "two classes" },
  multiclass: { link: "softmax", tells: "classes" },
  multiclassova: { link: "sigmoid", tells: "classes" },
};

/**
 * The forest of a model that LightGBM saved, with all its trees. Thresholds are doubles. The scale of a `sigmoid` is in
 * the leaves.
 * @throws {@link ForestFileError} for what is no such model, linear leaves, and an objective that no forest's link is
 */
export function decodeLightgbm(bytes: Uint8Array): NativeModel {
  return readingOf("LightGBM", () => {
    const { head, trees } = parseLightgbm(new TextDecoder().decode(bytes));
    const featureNames = head.text("feature_names").split(" ");
    const width = head.count("max_feature_idx") + 1;
    if (featureNames.length !== width)
      throw new ForestFileError(`it has ${width} features and ${featureNames.length} names`);
    const outputs = head.count("num_tree_per_iteration");
    if (outputs < 1 || outputs > 2 ** 16) throw new ForestFileError(`it has ${outputs} trees in a round`);
    if (trees.length % outputs !== 0)
      throw new ForestFileError(`it has ${trees.length} trees, which are no rounds of ${outputs}`);
    const { objective, scale } = objectiveOf(head);
    const builder = new ForestBuilder();
    const missing = new Set<number>();
    for (const [at, tree] of trees.entries())
      builder.addTree(at % outputs, tree.count("num_leaves") > 1 ? 0 : ~0, nodesOf(tree, at, scale, missing));
    if (missing.has(missingZero) && missing.has(missingNaN))
      throw new ForestFileError("some of its trees take zeros as missing and some NaN only");
    const forest = builder.build({
      featureNames,
      outputs,
      base: new Float64Array(outputs),
      average: head.has("average_output"),
      link: objective.link,
      precision: "float64",
      ...(missing.has(missingZero) && { zeroAsMissing: zeroThreshold }),
    });
    if (objective.tells === "numbers") return { forest };
    const count = objective.tells === "classes" ? outputs : 2;
    return { forest, classes: Array.from({ length: count }, (_, at) => at) };
  });
}

/** The objective of a line such as `objective=binary sigmoid:1`, and what its sigmoid multiplies the sum by. */
function objectiveOf(head: TextBlock): { readonly objective: Objective; readonly scale: number } {
  const [name = "", ...settings] = head.has("objective") ? head.text("objective").split(" ") : ["custom"];
  const objective = Object.hasOwn(objectives, name) ? objectives[name] : undefined;
  if (!objective || settings.includes("sqrt"))
    throw new ForestFileError(
      `its objective is ${[name, ...settings].join(" ")}, which becomes no output of a forest`,
    );
  const sigmoid = settings.find((each) => each.startsWith("sigmoid:"));
  const scale = sigmoid === undefined ? 1 : Number(sigmoid.slice("sigmoid:".length));
  if (!Number.isFinite(scale)) throw new ForestFileError(`its objective has ${sigmoid}`);
  return { objective, scale: objective.link === "sigmoid" ? scale : 1 };
}

// A node's `decision_type`: whether it is categorical, whether missing values go left, and which are missing.
const categoricalBit = 1;
const defaultLeftBit = 2;
const missingZero = 1;
const missingNaN = 2;

/** The nodes of a tree: leaves have negative numbers, the complements of their places. */
function nodesOf(
  tree: TextBlock,
  index: number,
  scale: number,
  missing: Set<number>,
): (number: number) => SourceNode {
  const leaves = tree.count("num_leaves");
  if (tree.has("is_linear") && tree.count("is_linear") !== 0)
    throw new ForestFileError(`tree ${index} has linear leaves`);
  const splits = Math.max(leaves - 1, 0);
  const leafValues = tree.numbers("leaf_value", leaves);
  const leafCounts = tree.optionalNumbers("leaf_count", leaves);
  const internalCounts = splits > 0 ? tree.optionalNumbers("internal_count", splits) : undefined;
  const gains = splits > 0 ? tree.optionalNumbers("split_gain", splits) : undefined;
  const of = (name: string): Float64Array => (splits > 0 ? tree.numbers(name, splits) : new Float64Array(0));
  const [features, thresholds, decisions] = [of("split_feature"), of("threshold"), of("decision_type")];
  const [lefts, rights] = [of("left_child"), of("right_child")];
  const sets = categorySets(tree);
  return (node) => {
    if (node < 0) {
      const value = leafValues[~node];
      if (value === undefined) throw new ForestFileError(`tree ${index} has no leaf ${~node}`);
      const cover = leafCounts?.[~node];
      return { leaf: [value * scale], ...(cover !== undefined && { cover }) };
    }
    const decision = decisions[node];
    if (decision === undefined) throw new ForestFileError(`tree ${index} has no node ${node}`);
    const threshold = thresholds[node] ?? 0;
    const cover = internalCounts?.[node];
    const gain = gains?.[node];
    const split = {
      feature: features[node] ?? 0,
      left: lefts[node] ?? 0,
      right: rights[node] ?? 0,
      ...(cover !== undefined && { cover }),
      ...(gain !== undefined && { gain }),
    };
    if ((decision & categoricalBit) !== 0)
      return { ...split, rule: NodeRule.inSet, categories: sets(threshold), missingLeft: false };
    const kind = (decision >> 2) & 3;
    missing.add(kind);
    // A feature that never missed a value in training takes NaN as 0.
    const missingLeft = kind === 0 ? threshold >= 0 : (decision & defaultLeftBit) !== 0;
    return { ...split, rule: NodeRule.atMost, threshold, missingLeft };
  };
}

/** The categories of a tree's sets by number. */
function categorySets(tree: TextBlock): (set: number) => Iterable<number> {
  const count = tree.has("num_cat") ? tree.count("num_cat") : 0;
  const starts = count === 0 ? new Float64Array(1) : tree.numbers("cat_boundaries", count + 1);
  const words = count === 0 ? new Float64Array(0) : tree.numbers("cat_threshold", starts[count] ?? 0);
  return (set) => {
    const [start, end] = [starts[set], starts[set + 1]];
    if (start === undefined || end === undefined || !(start >= 0 && start <= end && end <= words.length))
      throw new ForestFileError(`there is no set ${set} of categories`);
    const categories: number[] = [];
    for (let at = start; at < end; at++) {
      for (let bit = 0; bit < 32; bit++)
        if ((((words[at] ?? 0) >>> bit) & 1) === 1) categories.push((at - start) * 32 + bit);
    }
    return categories;
  };
}

/** @file ONNX's tree ensembles as forests, for the kernels that predict these. */
import type { OnnxAttribute, OnnxNode } from "../../../graph/onnx/model.ts";
import { NodeRule, type Forest } from "../../../trees/forest.ts";

/** A node of an ensemble by its place in the attributes; what is done about NaN and equal values is the operator's. */
interface EnsembleAttributes {
  readonly trees: readonly number[];
  readonly ids: readonly number[];
  readonly features: readonly number[];
  readonly modes: readonly string[];
  readonly values: readonly number[];
  readonly trueIds: readonly number[];
  readonly falseIds: readonly number[];
  readonly missingTrue: readonly number[];
}

/** The largest ensemble that is walked here; the runtime has the rest. */
const mostNodes = 4_000_000;

/**
 * The forest of a `TreeEnsembleRegressor` that sums and transforms nothing; undefined for what else there is.
 * @param width how many features a row has
 */
export function forestOfRegressor({ attributes }: OnnxNode, width: number): Forest | undefined {
  if ((textOf(attributes["aggregate_function"]) ?? "SUM") !== "SUM") return undefined;
  if ((textOf(attributes["post_transform"]) ?? "NONE") !== "NONE") return undefined;
  const outputs = intOf(attributes["n_targets"]) ?? 1;
  const base = floatsOf(attributes["base_values"]);
  if (outputs < 1) return undefined;
  // Of several targets the runtime gives those without a score no base value either.
  if (outputs > 1 && base.length > 0 && !alwaysScored(attributes, "target", placesOf(outputs)))
    return undefined;
  return forestOf(attributes, width, leavesOf(attributes, "target", outputs), base, outputs);
}

/** What a `TreeEnsembleClassifier` makes of its forest's sums. */
export interface TreeClassifier {
  readonly forest: Forest;
  readonly labels: readonly string[] | readonly bigint[];
  /** What becomes of the scores of all classes. */
  readonly link: "identity" | "softmax" | "logistic";
  /** Whether there is a sum for each class, or, of two classes, for one of them only. */
  readonly sums: "all" | "first" | "second";
  /** Of two classes: the second is the label where its score, before the link, is above this. */
  readonly limit: number;
}

const links: Readonly<Record<string, TreeClassifier["link"]>> = {
  NONE: "identity",
  SOFTMAX: "softmax",
  LOGISTIC: "logistic",
};

/**
 * The forest of a `TreeEnsembleClassifier`, and what ONNX Runtime makes of its sums: the standard leaves two classes open, and what
 * the runtime does there only by its own ways (other numbers as labels, base values that pass it by) is left to it.
 */
export function classifierOfTrees({ attributes }: OnnxNode, width: number): TreeClassifier | undefined {
  const link = links[textOf(attributes["post_transform"]) ?? "NONE"];
  const words = textsOf(attributes["classlabels_strings"]);
  const labels = words.length > 0 ? words : intsOf(attributes["classlabels_int64s"]).map(BigInt);
  const classes = labels.length;
  const ids = [...new Set(intsOf(attributes["class_ids"]))];
  const bases = floatsOf(attributes["base_values"]);
  if (!link || classes < 2) return undefined;
  const isSingle = classes === 2 && ids.length === 1;
  const sums = isSingle ? (ids[0] === 0 ? "first" : "second") : "all";
  const mostBases = { all: classes === 2 ? 0 : classes, first: 1, second: 0 }[sums];
  if (bases.length > 0 && bases.length !== mostBases) return undefined;
  if (classes === 2 && !isSingle && words.length === 0 && (labels[0] !== 0n || labels[1] !== 1n))
    return undefined;
  const outputs = isSingle ? 1 : classes;
  // With a base value for each, classes have a score from the beginning.
  if (bases.length < classes && !alwaysScored(attributes, "class", isSingle ? ids : placesOf(classes)))
    return undefined;
  const forest = forestOf(attributes, width, leavesOf(attributes, "class", outputs), bases, outputs);
  const isShare = isSingle && floatsOf(attributes["class_weights"]).every((weight) => weight >= 0);
  return forest && { forest, labels, link, sums, limit: isShare ? 0.5 : 0 };
}

const placesOf = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

/**
 * Whether every row gets a score of each of some outputs, as it does where all leaves of a tree have one. The runtime takes no
 * class for the label that no leaf of a row has a score of, be all others below 0.
 */
function alwaysScored(
  attributes: OnnxNode["attributes"],
  what: "target" | "class",
  outputs: readonly number[],
): boolean {
  const modes = textsOf(attributes["nodes_modes"]);
  const leavesOfTree = new Map<number, number>();
  for (const [at, tree] of intsOf(attributes["nodes_treeids"]).entries())
    if (modes[at] === "LEAF") leavesOfTree.set(tree, (leavesOfTree.get(tree) ?? 0) + 1);
  const [nodes, scored] = [intsOf(attributes[`${what}_nodeids`]), intsOf(attributes[`${what}_ids`])];
  const leavesWith = new Map<string, Set<number>>();
  const always = new Set<number>();
  for (const [at, tree] of intsOf(attributes[`${what}_treeids`]).entries()) {
    const output = scored[at] ?? -1;
    const key = keyOf(tree, output);
    const leaves = leavesWith.get(key) ?? new Set();
    leavesWith.set(key, leaves.add(nodes[at] ?? -1));
    if (leaves.size === leavesOfTree.get(tree)) always.add(output);
  }
  return outputs.every((output) => always.has(output));
}

/** Children are put behind their parents, as a forest has them. */
function forestOf(
  attributes: OnnxNode["attributes"],
  width: number,
  leaves: ReadonlyMap<string, Float64Array> | undefined,
  base: readonly number[],
  outputs: number,
): Forest | undefined {
  const nodes = nodesOf(attributes);
  const order = nodes && leaves && orderOf(nodes);
  if (!order) return undefined;
  const count = order.places.length;
  const forest: Forest = {
    featureNames: Array.from({ length: width }, (_, at) => String(at)),
    outputs,
    roots: Int32Array.from(order.roots),
    treeOutputs: new Int32Array(order.roots.length).fill(outputs === 1 ? 0 : -1),
    rules: new Uint8Array(count),
    features: new Int32Array(count),
    thresholds: new Float64Array(count),
    left: Int32Array.from(order.left),
    right: Int32Array.from(order.right),
    missingLeft: new Uint8Array(count),
    setStarts: new Int32Array(count).fill(-1),
    setWords: new Int32Array(count),
    sets: new Uint32Array(0),
    leafStarts: new Int32Array(count).fill(-1),
    leafValues: new Float64Array(order.leafCount * outputs),
    covers: new Float64Array(0),
    gains: new Float64Array(0),
    base: Float64Array.from({ length: outputs }, (_, at) => base[at] ?? 0),
    average: false,
    link: "identity",
    precision: "float32",
  };
  let leafCount = 0;
  for (const [at, place] of order.places.entries()) {
    const mode = nodes.modes[place];
    if (mode === "LEAF") {
      forest.leafStarts[at] = leafCount * outputs;
      const weights = leaves.get(keyOf(nodes.trees[place], nodes.ids[place]));
      for (const [output, weight] of weights?.entries() ?? [])
        forest.leafValues[leafCount * outputs + output] = weight;
      leafCount += 1;
      continue;
    }
    const isOr = mode === "BRANCH_LEQ" || mode === "BRANCH_GT";
    forest.rules[at] = isOr ? NodeRule.atMost : NodeRule.below;
    const feature = nodes.features[place] ?? 0;
    if (feature < 0 || feature >= width) return undefined;
    forest.features[at] = feature;
    forest.thresholds[at] = nodes.values[place] ?? 0;
    const isMissingTrue = nodes.missingTrue[place] === 1;
    forest.missingLeft[at] = Number(isReversed(mode) ? !isMissingTrue : isMissingTrue);
  }
  return forest;
}

/** Whether the true branch is that of larger values. */
function isReversed(mode: string | undefined): boolean {
  return mode === "BRANCH_GT" || mode === "BRANCH_GTE";
}

const modes: ReadonlySet<string> = new Set(["LEAF", "BRANCH_LT", "BRANCH_LEQ", "BRANCH_GT", "BRANCH_GTE"]);

function nodesOf(attributes: OnnxNode["attributes"]): EnsembleAttributes | undefined {
  const trees = intsOf(attributes["nodes_treeids"]);
  const nodes: EnsembleAttributes = {
    trees,
    ids: intsOf(attributes["nodes_nodeids"]),
    features: intsOf(attributes["nodes_featureids"]),
    modes: textsOf(attributes["nodes_modes"]),
    values: floatsOf(attributes["nodes_values"]),
    trueIds: intsOf(attributes["nodes_truenodeids"]),
    falseIds: intsOf(attributes["nodes_falsenodeids"]),
    missingTrue: attributes["nodes_missing_value_tracks_true"]
      ? intsOf(attributes["nodes_missing_value_tracks_true"])
      : trees.map(() => 0),
  };
  const isWhole = Object.values(nodes).every((part: readonly unknown[]) => part.length === trees.length);
  return isWhole &&
    trees.length > 0 &&
    trees.length <= mostNodes &&
    nodes.modes.every((mode) => modes.has(mode))
    ? nodes
    : undefined;
}

const keyOf = (tree: number | undefined, id: number | undefined): string => `${tree} ${id}`;

/** What each leaf adds to the outputs, by tree and node; all of it to the output where there is one class. */
function leavesOf(
  attributes: OnnxNode["attributes"],
  what: "target" | "class",
  outputs: number,
): ReadonlyMap<string, Float64Array> | undefined {
  const trees = intsOf(attributes[`${what}_treeids`]);
  const ids = intsOf(attributes[`${what}_nodeids`]);
  const targets = intsOf(attributes[`${what}_ids`]);
  const weights = floatsOf(attributes[`${what}_weights`]);
  const found = new Map<string, Float64Array>();
  for (const [at, tree] of trees.entries()) {
    const target = what === "class" && outputs === 1 ? 0 : (targets[at] ?? -1);
    if (target < 0 || target >= outputs) return undefined;
    const key = keyOf(tree, ids[at]);
    let leaf = found.get(key);
    if (!leaf) found.set(key, (leaf = new Float64Array(outputs)));
    leaf[target] = (leaf[target] ?? 0) + (weights[at] ?? 0);
  }
  return found;
}

interface Order {
  /** The places of nodes in the attributes, parents before children. */
  readonly places: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly roots: readonly number[];
  readonly leafCount: number;
}

function orderOf(nodes: EnsembleAttributes): Order | undefined {
  const placesByKey = new Map(nodes.trees.map((tree, at) => [keyOf(tree, nodes.ids[at]), at]));
  const isChild = new Set<number>();
  const childOf = (place: number, id: number | undefined): number =>
    placesByKey.get(keyOf(nodes.trees[place], id)) ?? -1;
  for (const [place, mode] of nodes.modes.entries())
    if (mode !== "LEAF")
      isChild.add(childOf(place, nodes.trueIds[place])).add(childOf(place, nodes.falseIds[place]));
  if (isChild.has(-1)) return undefined;
  const places: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  const roots: number[] = [];
  let leafCount = 0;
  for (const [root] of nodes.modes.entries()) {
    if (isChild.has(root)) continue;
    roots.push(places.push(root) - 1);
    for (let at = places.length - 1; at < places.length; at++) {
      // One that is reached twice would make the list longer than the nodes are.
      if (places.length > nodes.modes.length) return undefined;
      const place = places[at] ?? 0;
      if (nodes.modes[place] === "LEAF") {
        leafCount += 1;
        left[at] = right[at] = 0;
        continue;
      }
      const whenTrue = childOf(place, nodes.trueIds[place]);
      const whenFalse = childOf(place, nodes.falseIds[place]);
      const [below, above] = isReversed(nodes.modes[place]) ? [whenFalse, whenTrue] : [whenTrue, whenFalse];
      left[at] = places.push(below) - 1;
      right[at] = places.push(above) - 1;
    }
  }
  return { places, left, right, roots, leafCount };
}

function intOf(attribute: OnnxAttribute | undefined): number | undefined {
  return attribute && "int" in attribute ? attribute.int : undefined;
}

function textOf(attribute: OnnxAttribute | undefined): string | undefined {
  return attribute && "text" in attribute ? attribute.text : undefined;
}

function intsOf(attribute: OnnxAttribute | undefined): readonly number[] {
  return attribute && "ints" in attribute ? attribute.ints : [];
}

function floatsOf(attribute: OnnxAttribute | undefined): readonly number[] {
  return attribute && "floats" in attribute ? attribute.floats : [];
}

function textsOf(attribute: OnnxAttribute | undefined): readonly string[] {
  return attribute && "texts" in attribute ? attribute.texts : [];
}

/** @file A forest's nodes as ONNX's tree ensembles have them. */
import type { TreeEnsemble, TreeNodeMode } from "../graph/ops/tree-ensemble.ts";
import { NodeRule, type Forest } from "./forest.ts";
import { nextDown, nextUp } from "./predictor/next-number.ts";

/** A categorical test: a feature with the place of a set. */
export interface NodeSet {
  readonly feature: number;
  readonly start: number;
  readonly words: number;
}

/** The different categorical tests of a forest, those of a feature next to each other. */
export function setsOf(forest: Forest): readonly NodeSet[] {
  const found = new Map<string, NodeSet>();
  for (const [node, rule] of forest.rules.entries()) {
    if (rule !== NodeRule.inSet) continue;
    const set = setOf(forest, node);
    found.set(keyOf(set), set);
  }
  return [...found.values()].sort((a, b) => a.feature - b.feature);
}

function setOf({ features, setStarts, setWords }: Forest, node: number): NodeSet {
  return { feature: features[node] ?? 0, start: setStarts[node] ?? 0, words: setWords[node] ?? 0 };
}

function keyOf({ feature, start, words }: NodeSet): string {
  return `${feature} ${start} ${words}`;
}

/**
 * A forest as an ensemble on the features and, behind them, a column for each set that holds 0 where a value is in it and
 * 1 where it isn't. Averages are in the leaves, the base is not in it.
 */
export function ensembleOf(forest: Forest, sets: readonly NodeSet[]): TreeEnsemble {
  const columns = new Map(sets.map((set, at) => [keyOf(set), forest.featureNames.length + at]));
  const ensemble = emptyEnsemble(forest);
  const divisors = divisorsOf(forest);
  for (const [tree, root] of forest.roots.entries()) {
    const output = forest.treeOutputs[tree] ?? 0;
    const ids = new Map([[root, 0]]);
    const order = [root];
    for (const node of order) {
      if (forest.rules[node] === NodeRule.leaf) {
        addLeaf(ensemble, forest, { tree, id: ids.get(node) ?? 0, node, output, divisors });
        continue;
      }
      const [left, right] = [forest.left[node] ?? 0, forest.right[node] ?? 0];
      ids.set(left, order.push(left) - 1);
      ids.set(right, order.push(right) - 1);
      const isSet = forest.rules[node] === NodeRule.inSet;
      const feature = isSet ? columns.get(keyOf(setOf(forest, node))) : forest.features[node];
      addNode(ensemble, tree, ids.get(node) ?? 0, {
        feature: feature ?? 0,
        mode: forest.rules[node] === NodeRule.atMost ? "BRANCH_LEQ" : "BRANCH_LT",
        value: isSet ? 0.5 : threshold32(forest, node),
        trueId: ids.get(left) ?? 0,
        falseId: ids.get(right) ?? 0,
        missing: forest.missingLeft[node] ?? 0,
      });
    }
  }
  if (forest.roots.length === 0) addNode(ensemble, 0, 0, leafNode);
  if (ensemble.leaves.weights.length === 0) addWeight(ensemble, 0, 0, 0, 0);
  return ensemble;
}

interface Growing extends TreeEnsemble {
  readonly nodes: { readonly [Part in keyof TreeEnsemble["nodes"]]: TreeEnsemble["nodes"][Part][number][] };
  readonly leaves: { readonly [Part in keyof TreeEnsemble["leaves"]]: number[] };
}

function emptyEnsemble({ outputs }: Forest): Growing {
  return {
    targets: outputs,
    nodes: {
      treeIds: [],
      nodeIds: [],
      featureIds: [],
      modes: [],
      values: [],
      trueNodeIds: [],
      falseNodeIds: [],
      missingValueTracksTrue: [],
    },
    leaves: { treeIds: [], nodeIds: [], targetIds: [], weights: [] },
  };
}

interface EnsembleNode {
  readonly feature: number;
  readonly mode: TreeNodeMode;
  readonly value: number;
  readonly trueId: number;
  readonly falseId: number;
  readonly missing: number;
}

const leafNode: EnsembleNode = { feature: 0, mode: "LEAF", value: 0, trueId: 0, falseId: 0, missing: 0 };

function addNode({ nodes }: Growing, tree: number, id: number, node: EnsembleNode): void {
  nodes.treeIds.push(tree);
  nodes.nodeIds.push(id);
  nodes.featureIds.push(node.feature);
  nodes.modes.push(node.mode);
  nodes.values.push(node.value);
  nodes.trueNodeIds.push(node.trueId);
  nodes.falseNodeIds.push(node.falseId);
  nodes.missingValueTracksTrue.push(node.missing);
}

function addWeight({ leaves }: Growing, tree: number, id: number, target: number, weight: number): void {
  leaves.treeIds.push(tree);
  leaves.nodeIds.push(id);
  leaves.targetIds.push(target);
  leaves.weights.push(weight);
}

function addLeaf(
  ensemble: Growing,
  { leafStarts, leafValues, outputs }: Forest,
  leaf: {
    readonly tree: number;
    readonly id: number;
    readonly node: number;
    readonly output: number;
    readonly divisors: readonly number[];
  },
): void {
  const { tree, id, output, divisors } = leaf;
  addNode(ensemble, tree, id, leafNode);
  const start = leafStarts[leaf.node] ?? 0;
  const [first, count] = output === -1 ? [0, outputs] : [output, 1];
  for (let at = 0; at < count; at++) {
    const target = first + at;
    addWeight(ensemble, tree, id, target, (leafValues[start + at] ?? 0) / (divisors[target] ?? 1));
  }
}

/** What each output's leaves are divided by. */
function divisorsOf({ average, outputs, treeOutputs }: Forest): readonly number[] {
  return Array.from({ length: outputs }, (_, at) =>
    average ? Math.max(treeOutputs.filter((output) => output === -1 || output === at).length, 1) : 1,
  );
}

/** The float32 that parts float32 values as the threshold does. */
function threshold32({ rules, thresholds }: Forest, node: number): number {
  const threshold = thresholds[node] ?? 0;
  const rounded = Math.fround(threshold);
  if (rules[node] === NodeRule.below) return rounded < threshold ? nextUp(rounded, "float32") : rounded;
  return rounded > threshold ? nextDown(rounded, "float32") : rounded;
}

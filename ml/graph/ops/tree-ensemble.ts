/** @file Decision trees as one operator (ONNX-ML TreeEnsembleRegressor, version 3). */
import type { Attributes, Value } from "../value.ts";
import { apply } from "./apply.ts";

/** How a node tests its feature; the true branch is taken where the test holds. */
export type TreeNodeMode =
  "LEAF" | "BRANCH_LT" | "BRANCH_LEQ" | "BRANCH_GT" | "BRANCH_GTE" | "BRANCH_EQ" | "BRANCH_NEQ";

/** Trees whose leaves add numbers to targets; the names are those of the operator's attributes. */
export interface TreeEnsemble {
  readonly targets: number;
  /** One entry for each node; a node's number counts from 0 within its tree. */
  readonly nodes: {
    readonly treeIds: readonly number[];
    readonly nodeIds: readonly number[];
    readonly featureIds: readonly number[];
    readonly modes: readonly TreeNodeMode[];
    readonly values: readonly number[];
    readonly trueNodeIds: readonly number[];
    readonly falseNodeIds: readonly number[];
    /** 1 where NaN takes the true branch. */
    readonly missingValueTracksTrue: readonly number[];
  };
  /** One entry for each number that a leaf adds. */
  readonly leaves: {
    readonly treeIds: readonly number[];
    readonly nodeIds: readonly number[];
    readonly targetIds: readonly number[];
    readonly weights: readonly number[];
  };
}

/** The sums over the trees, float32 `[rows, targets]`, of features `[rows, features]` of float32. */
export function treeEnsemble(features: Value, { targets, nodes, leaves }: TreeEnsemble): Value {
  const attributes: Attributes = {
    n_targets: { int: targets },
    aggregate_function: { text: "SUM" },
    post_transform: { text: "NONE" },
    nodes_treeids: { ints: nodes.treeIds },
    nodes_nodeids: { ints: nodes.nodeIds },
    nodes_featureids: { ints: nodes.featureIds },
    nodes_modes: { texts: nodes.modes },
    nodes_values: { floats: nodes.values },
    nodes_truenodeids: { ints: nodes.trueNodeIds },
    nodes_falsenodeids: { ints: nodes.falseNodeIds },
    nodes_missing_value_tracks_true: { ints: nodes.missingValueTracksTrue },
    target_treeids: { ints: leaves.treeIds },
    target_nodeids: { ints: leaves.nodeIds },
    target_ids: { ints: leaves.targetIds },
    target_weights: { floats: leaves.weights },
  };
  return apply("TreeEnsembleRegressor", [features], attributes, { domain: "ai.onnx.ml" });
}

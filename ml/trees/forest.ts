/**
 * @file A forest: many decision trees in flat arrays, however they were grown (boosted, bagged, read from another
 * library's file), which every predictor, export and explanation reads.
 *
 * The nodes of all trees stand in the same arrays; a tree begins at its root and a child's index is larger than its
 * parent's. A row goes left where its value is below the threshold or, at a categorical node, in the node's set.
 */

/** How a node sends values left. */
export const NodeRule = {
  /** No test: a leaf. */
  leaf: 0,
  /** `value < threshold`. */
  below: 1,
  /** `value <= threshold`. */
  atMost: 2,
  /** The category, a whole number from 0, is in the node's set. */
  inSet: 3,
} as const;
export type NodeRule = (typeof NodeRule)[keyof typeof NodeRule];

/** What the sum over the trees becomes. */
export type ForestLink =
  /** The sum itself. */
  | "identity"
  /** The logistic function of the sum: two classes with one output, or each class by itself. */
  | "sigmoid"
  /** The softmax of the outputs. */
  | "softmax"
  /** `exp` of the sum: counts and other positive means. */
  | "exp";

/** Trees in flat arrays. All node arrays are equally long. */
export interface Forest {
  /** The features' names; their number is a row's length. */
  readonly featureNames: readonly string[];
  /** How many numbers a row gets. */
  readonly outputs: number;
  /** The root of each tree. */
  readonly roots: Int32Array;
  /** The output that each tree adds to; −1 where its leaves hold a number for every output. */
  readonly treeOutputs: Int32Array;
  /** Each node's {@link NodeRule}. */
  readonly rules: Uint8Array;
  /** The feature that each node tests; 0 at a leaf. */
  readonly features: Int32Array;
  /** Thresholds, in the precision in which values are compared: float32 values widened to doubles where that is float32. */
  readonly thresholds: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Whether a missing value (NaN) goes left: 1 or 0. */
  readonly missingLeft: Uint8Array;
  /** At a categorical node the place of its set in {@link Forest.sets}, −1 elsewhere. A category beyond the set, or negative, is not in it. */
  readonly setStarts: Int32Array;
  /** How many 32-bit words each categorical node's set has; 0 elsewhere. */
  readonly setWords: Int32Array;
  /** The bits of all sets: category c is in a set where bit `c & 31` of its word `c >> 5` is 1. */
  readonly sets: Uint32Array;
  /** At a leaf the place of its numbers in {@link Forest.leafValues}; −1 elsewhere. */
  readonly leafStarts: Int32Array;
  /** One number for a tree of one output, else one for each output. */
  readonly leafValues: Float64Array;
  /** How often training rows came to each node, by weight; empty where unknown. */
  readonly covers: Float64Array;
  /** How much each node's split improved the objective; 0 at leaves, empty where unknown. */
  readonly gains: Float64Array;
  /** Added to the sum of each output. */
  readonly base: Float64Array;
  /** Whether the sum over the trees is divided by their number for each output. */
  readonly average: boolean;
  readonly link: ForestLink;
  /** How values are compared with thresholds: rows rounded to float32 first, or as doubles. */
  readonly precision: "float32" | "float64";
  /** Missing beside NaN: at thresholds, not at sets, values from −`zeroAsMissing` to it count as missing, where a library's file says so; else absent. */
  readonly zeroAsMissing?: number;
}

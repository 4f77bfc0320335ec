/** @file One tree while it grows: its nodes, and where each sends bins. */

/** A split as it was found, of a node's rows by one feature. */
export interface Split {
  /** The feature's place among those that are binned. */
  readonly feature: number;
  /** How much the objective improves, twice. */
  readonly gain: number;
  /** Sums over the rows that go left. */
  readonly leftGradient: number;
  readonly leftSecond: number;
  readonly missingLeft: boolean;
  /** The last bin that goes left; −1 where the bins are a set. */
  readonly lastBin: number;
  /** The bins that go left where they are a set. */
  readonly bins: readonly number[];
}

/** A node; children are places in the list of nodes. */
export interface GrownNode {
  /** Sum of second derivatives. */
  readonly cover: number;
  /** Where it is split; undefined at a leaf. */
  split: Split | undefined;
  left: number;
  right: number;
  /** The value of a leaf, as float32, learning rate included. */
  value: number;
  /** A leaf's rows: where they begin, in the list that the tree has put in order, and how many they are. */
  begin: number;
  count: number;
}

/** A tree; the first node is its root, and a child stands behind its parent. */
export interface GrownTree {
  readonly nodes: readonly GrownNode[];
  /** 256 bytes for each node: 1 for bins that go left. */
  readonly tables: Uint8Array;
}

/** @file How a node finds its split: what both ways share. */
import { nextDown } from "../predictor/next-number.ts";
import type { Random } from "../../random.ts";

/** Values up to the threshold, a float32, go left. */
export interface Split {
  readonly feature: number;
  readonly threshold: number;
  /** Where missing values go; undefined where none of the node's rows has one. */
  readonly missingLeft: boolean | undefined;
  /** How much more the children are worth than the node; see `worth`. */
  readonly gain: number;
}

/** A node that is to be split: some of the rows, with what they sum up to. */
export interface OpenNode {
  readonly rows: Uint32Array;
  readonly start: number;
  readonly end: number;
  readonly sums: Float64Array;
  readonly weight: number;
}

/** The rows of one tree by their weights; what a row adds to its slot beside them. */
export interface TreeSample {
  readonly weights: Float64Array;
  readonly additions: Float64Array;
}

/** Finds splits. */
export interface Splitter {
  /** Begins a tree. */
  begin(sample: TreeSample): void;
  /** The best of the splits that were looked at; undefined where there is none. */
  find(node: OpenNode): Split | undefined;
}

/** The largest float32 that is at most a threshold: it parts float32 values in the same way. */
export function float32Threshold(threshold: number): number {
  const rounded = Math.fround(threshold);
  return rounded > threshold ? nextDown(rounded, "float32") : rounded;
}

/**
 * Features in random order, as scikit-learn's splitters draw them: at least so many, and more as long as all of them were
 * constant in the node.
 */
export class FeatureDraw {
  readonly #order: Uint32Array;
  readonly #wanted: number;
  readonly #random: Random;

  constructor(features: number, wanted: number, random: Random) {
    this.#order = Uint32Array.from({ length: features }, (_, at) => at);
    this.#wanted = wanted;
    this.#random = random;
  }

  /** Visits features until enough are seen; `visit` tells whether the feature was constant. */
  visit(visit: (feature: number) => boolean): void {
    const order = this.#order;
    let constants = 0;
    for (let seen = 0; seen < order.length && (seen < this.#wanted || seen <= constants); seen++) {
      const other = seen + Math.floor(this.#random.uniform() * (order.length - seen));
      const feature = order[other] ?? 0;
      order[other] = order[seen] ?? 0;
      order[seen] = feature;
      if (visit(feature)) constants++;
    }
  }
}

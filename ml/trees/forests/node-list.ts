/** @file The nodes of growing trees in flat arrays that grow with them. */
import { NodeRule, type Forest } from "../forest.ts";

/** Nodes of all trees, in the order in which they were added: a child comes after its parent. */
export class NodeList {
  readonly #leafWidth: number;
  #count = 0;
  #leafCount = 0;
  #rules = new Uint8Array(1024);
  #features = new Int32Array(1024);
  #thresholds = new Float64Array(1024);
  #left = new Int32Array(1024);
  #right = new Int32Array(1024);
  #missingLeft = new Uint8Array(1024);
  #leafStarts = new Int32Array(1024);
  #covers = new Float64Array(1024);
  #gains = new Float64Array(1024);
  #leafValues = new Float64Array(1024);

  /** @param leafWidth numbers of a leaf */
  constructor(leafWidth: number) {
    this.#leafWidth = leafWidth;
  }

  get count(): number {
    return this.#count;
  }

  /** Adds a leaf; its numbers are copied. */
  leaf(values: Float64Array, cover: number): number {
    const node = this.#add(cover);
    const start = this.#leafCount;
    this.#leafCount += this.#leafWidth;
    if (this.#leafCount > this.#leafValues.length)
      this.#leafValues = grown(this.#leafValues, new Float64Array(this.#leafCount * 2));
    this.#leafValues.set(values.subarray(0, this.#leafWidth), start);
    this.#leafStarts[node] = start;
    return node;
  }

  /** Adds a split, whose children come later; see {@link adopt}. */
  split(feature: number, threshold: number, missingLeft: boolean, cover: number, gain: number): number {
    const node = this.#add(cover);
    this.#rules[node] = NodeRule.atMost;
    this.#features[node] = feature;
    this.#thresholds[node] = threshold;
    this.#missingLeft[node] = missingLeft ? 1 : 0;
    this.#gains[node] = gain;
    this.#leafStarts[node] = -1;
    return node;
  }

  adopt(parent: number, child: number, isLeft: boolean): void {
    (isLeft ? this.#left : this.#right)[parent] = child;
  }

  /** The arrays of a forest. */
  arrays(): Omit<
    Forest,
    "featureNames" | "outputs" | "roots" | "treeOutputs" | "base" | "average" | "link" | "precision"
  > {
    const count = this.#count;
    return {
      rules: this.#rules.slice(0, count),
      features: this.#features.slice(0, count),
      thresholds: this.#thresholds.slice(0, count),
      left: this.#left.slice(0, count),
      right: this.#right.slice(0, count),
      missingLeft: this.#missingLeft.slice(0, count),
      setStarts: new Int32Array(count).fill(-1),
      setWords: new Int32Array(count),
      sets: new Uint32Array(0),
      leafStarts: this.#leafStarts.slice(0, count),
      leafValues: this.#leafValues.slice(0, this.#leafCount),
      covers: this.#covers.slice(0, count),
      gains: this.#gains.slice(0, count),
    };
  }

  #add(cover: number): number {
    if (this.#count === this.#rules.length) {
      const size = this.#count * 2;
      this.#rules = grown(this.#rules, new Uint8Array(size));
      this.#features = grown(this.#features, new Int32Array(size));
      this.#thresholds = grown(this.#thresholds, new Float64Array(size));
      this.#left = grown(this.#left, new Int32Array(size));
      this.#right = grown(this.#right, new Int32Array(size));
      this.#missingLeft = grown(this.#missingLeft, new Uint8Array(size));
      this.#leafStarts = grown(this.#leafStarts, new Int32Array(size));
      this.#covers = grown(this.#covers, new Float64Array(size));
      this.#gains = grown(this.#gains, new Float64Array(size));
    }
    this.#covers[this.#count] = cover;
    return this.#count++;
  }
}

function grown<A extends Uint8Array | Int32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

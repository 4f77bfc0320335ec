/** @file Forests written tree by tree, from nodes that refer to each other by numbers of their own. */
import { InvalidInputError } from "../errors.ts";
import { NodeRule, type Forest } from "./forest.ts";

/** A node as a tree's source has it. */
export interface SourceNode {
  /** A leaf's numbers; absent where the node tests something. */
  readonly leaf?: readonly number[];
  readonly feature?: number;
  readonly rule?: NodeRule;
  readonly threshold?: number;
  /** At a categorical node the categories that go left, whole numbers from 0. */
  readonly categories?: Iterable<number>;
  readonly missingLeft?: boolean;
  readonly left?: number;
  readonly right?: number;
  readonly cover?: number;
  readonly gain?: number;
}

/** What a forest is beside its trees. */
export type ForestFrame = Pick<
  Forest,
  "featureNames" | "outputs" | "base" | "average" | "link" | "precision" | "zeroAsMissing"
>;

/** All sets together have at most as many words: a file may claim more. */
const mostSetWords = 2 ** 24;
/** The largest category is below; XGBoost has the same limit. */
const mostCategories = 2 ** 24;

/** Writes a forest's trees. */
export class ForestBuilder {
  readonly #roots: number[] = [];
  readonly #treeOutputs: number[] = [];
  readonly #rules: number[] = [];
  readonly #features: number[] = [];
  readonly #thresholds: number[] = [];
  readonly #left: number[] = [];
  readonly #right: number[] = [];
  readonly #missingLeft: number[] = [];
  readonly #setStarts: number[] = [];
  readonly #setWords: number[] = [];
  readonly #sets: number[] = [];
  readonly #leafStarts: number[] = [];
  readonly #leafValues: number[] = [];
  readonly #covers: number[] = [];
  readonly #gains: number[] = [];
  #hasCovers = true;
  #hasGains = true;

  /**
   * Adds a tree, node by node from its root.
   * @param output what the tree adds to; −1 where leaves hold a number for every output
   * @param nodeOf the node of a number, which may throw for one that isn't there
   * @throws {@link InvalidInputError} where a node is reached twice
   */
  addTree(output: number, root: number, nodeOf: (number: number) => SourceNode): void {
    const tree = this.#roots.push(this.#rules.length) - 1;
    this.#treeOutputs.push(output);
    const reached = new Set<number>();
    const waiting: { readonly number: number; readonly parent: number; readonly isLeft: boolean }[] = [
      { number: root, parent: -1, isLeft: true },
    ];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { number, parent, isLeft } = next;
      if (reached.has(number)) throw new InvalidInputError(`node ${number} of tree ${tree} is reached twice`);
      reached.add(number);
      const node = nodeOf(number);
      const at = this.#add(node);
      if (parent >= 0) (isLeft ? this.#left : this.#right)[parent] = at;
      if (node.leaf) continue;
      waiting.push(
        { number: node.right ?? -1, parent: at, isLeft: false },
        { number: node.left ?? -1, parent: at, isLeft: true },
      );
    }
  }

  #add({ leaf, rule, feature, threshold, categories, missingLeft, cover, gain }: SourceNode): number {
    const at = this.#rules.length;
    this.#rules.push(leaf ? NodeRule.leaf : (rule ?? NodeRule.below));
    this.#features.push(leaf ? 0 : (feature ?? -1));
    this.#thresholds.push(leaf ? 0 : (threshold ?? 0));
    this.#left.push(0);
    this.#right.push(0);
    this.#missingLeft.push(missingLeft ? 1 : 0);
    const set = !leaf && rule === NodeRule.inSet ? bitsOf(categories ?? []) : undefined;
    if (this.#sets.length + (set?.length ?? 0) > mostSetWords)
      throw new InvalidInputError("the sets of categories are larger than a forest can hold");
    this.#setStarts.push(set ? this.#sets.length : -1);
    this.#setWords.push(set?.length ?? 0);
    for (const word of set ?? []) this.#sets.push(word);
    this.#leafStarts.push(leaf ? this.#leafValues.length : -1);
    for (const value of leaf ?? []) this.#leafValues.push(value);
    this.#hasCovers &&= cover !== undefined;
    this.#hasGains &&= leaf !== undefined || gain !== undefined;
    this.#covers.push(cover ?? 0);
    this.#gains.push(leaf ? 0 : (gain ?? 0));
    return at;
  }

  /** The forest of the trees that were added; not checked yet. */
  build(frame: ForestFrame): Forest {
    return {
      ...frame,
      roots: Int32Array.from(this.#roots),
      treeOutputs: Int32Array.from(this.#treeOutputs),
      rules: Uint8Array.from(this.#rules),
      features: Int32Array.from(this.#features),
      thresholds: Float64Array.from(this.#thresholds),
      left: Int32Array.from(this.#left),
      right: Int32Array.from(this.#right),
      missingLeft: Uint8Array.from(this.#missingLeft),
      setStarts: Int32Array.from(this.#setStarts),
      setWords: Int32Array.from(this.#setWords),
      sets: Uint32Array.from(this.#sets),
      leafStarts: Int32Array.from(this.#leafStarts),
      leafValues: Float64Array.from(this.#leafValues),
      covers: Float64Array.from(this.#hasCovers ? this.#covers : []),
      gains: Float64Array.from(this.#hasGains ? this.#gains : []),
    };
  }
}

function bitsOf(categories: Iterable<number>): number[] {
  const words: number[] = [];
  for (const category of categories) {
    if (!(Number.isInteger(category) && category >= 0 && category < mostCategories))
      throw new InvalidInputError(`${category} is no category: whole numbers from 0 below ${mostCategories}`);
    const word = category >> 5;
    while (words.length <= word) words.push(0);
    words[word] = ((words[word] ?? 0) | (1 << (category & 31))) >>> 0;
  }
  return words;
}

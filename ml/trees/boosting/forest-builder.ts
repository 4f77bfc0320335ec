/** @file Grown trees put into a forest's flat arrays. */
import { NodeRule, type Forest, type ForestLink } from "../forest.ts";
import type { FeatureBins } from "./feature-bins.ts";
import type { GrownNode, GrownTree, Split } from "./grown-tree.ts";

/** Above all values: what splits missing values from all others. */
const mostFloat32 = 3.4028234663852886e38;

/** Collects trees. */
export class ForestBuilder {
  readonly #features: readonly FeatureBins[];
  readonly #roots: number[] = [];
  readonly #treeOutputs: number[] = [];
  readonly #nodes: { readonly node: GrownNode; readonly root: number; readonly missingLeft: boolean }[] = [];

  constructor(features: readonly FeatureBins[]) {
    this.#features = features;
  }

  get trees(): number {
    return this.#roots.length;
  }

  add({ nodes, tables }: GrownTree, output: number): void {
    const root = this.#nodes.length;
    this.#roots.push(root);
    this.#treeOutputs.push(output);
    for (const [place, node] of nodes.entries())
      this.#nodes.push({ node, root, missingLeft: tables[256 * place + 255] === 1 });
  }

  /** The forest of the first `trees` trees. */
  build(trees: number, featureNames: readonly string[], base: Float64Array, link: ForestLink): Forest {
    const nodes = this.#nodes.slice(0, this.#roots[trees] ?? this.#nodes.length);
    const sets: number[] = [];
    const leafValues: number[] = [];
    const setStarts = new Int32Array(nodes.length).fill(-1);
    const setWords = new Int32Array(nodes.length);
    const leafStarts = new Int32Array(nodes.length).fill(-1);
    for (const [place, { node }] of nodes.entries()) {
      if (!node.split) {
        leafStarts[place] = leafValues.length;
        leafValues.push(node.value);
        continue;
      }
      if (node.split.lastBin >= 0) continue;
      const words = this.#wordsOf(node.split);
      setStarts[place] = sets.length;
      setWords[place] = words.length;
      sets.push(...words);
    }
    const splits = nodes.map(({ node }) => node.split);
    return {
      featureNames,
      outputs: base.length,
      roots: Int32Array.from(this.#roots.slice(0, trees)),
      treeOutputs: Int32Array.from(this.#treeOutputs.slice(0, trees)),
      rules: Uint8Array.from(splits, (split) =>
        !split ? NodeRule.leaf : split.lastBin >= 0 ? NodeRule.below : NodeRule.inSet,
      ),
      features: Int32Array.from(splits, (split) => (split ? this.#featureOf(split).column : 0)),
      thresholds: Float64Array.from(splits, (split) =>
        split && split.lastBin >= 0 ? (this.#featureOf(split).cuts[split.lastBin] ?? mostFloat32) : 0,
      ),
      left: Int32Array.from(nodes, ({ node, root }) => (node.split ? root + node.left : 0)),
      right: Int32Array.from(nodes, ({ node, root }) => (node.split ? root + node.right : 0)),
      missingLeft: Uint8Array.from(nodes, ({ missingLeft }) => (missingLeft ? 1 : 0)),
      setStarts,
      setWords,
      sets: Uint32Array.from(sets),
      leafStarts,
      leafValues: Float64Array.from(leafValues),
      covers: Float64Array.from(nodes, ({ node }) => node.cover),
      gains: Float64Array.from(splits, (split) => split?.gain ?? 0),
      base,
      average: false,
      link,
      precision: "float32",
    };
  }

  #featureOf({ feature }: Split): FeatureBins {
    const found = this.#features[feature];
    if (!found) throw new RangeError(`there is no binned feature ${feature}`);
    return found;
  }

  #wordsOf(split: Split): number[] {
    const { categories } = this.#featureOf(split);
    const chosen = split.bins.map((bin) => categories?.[bin] ?? 0);
    const words = Array.from<number>({ length: (Math.max(...chosen) >> 5) + 1 }).fill(0);
    for (const category of chosen)
      words[category >> 5] = (words[category >> 5] ?? 0) | (1 << (category & 31));
    return words;
  }
}

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
    const count = this.#roots[trees] ?? this.#nodes.length;
    const rules = new Uint8Array(count);
    const features = new Int32Array(count);
    const thresholds = new Float64Array(count);
    const left = new Int32Array(count);
    const right = new Int32Array(count);
    const missingLeftFlags = new Uint8Array(count);
    const setStarts = new Int32Array(count).fill(-1);
    const setWords = new Int32Array(count);
    const leafStarts = new Int32Array(count).fill(-1);
    const covers = new Float64Array(count);
    const gains = new Float64Array(count);
    const sets: number[] = [];
    const leafValues: number[] = [];
    for (let place = 0; place < count; place++) {
      const placed = this.#nodes[place];
      if (!placed) continue;
      const { node, root, missingLeft } = placed;
      covers[place] = node.cover;
      const { split } = node;
      if (!split) {
        leafStarts[place] = leafValues.length;
        leafValues.push(node.value);
        continue;
      }
      const feature = this.#featureOf(split);
      features[place] = feature.column;
      left[place] = root + node.left;
      right[place] = root + node.right;
      missingLeftFlags[place] = missingLeft ? 1 : 0;
      gains[place] = split.gain;
      if (split.lastBin >= 0) {
        rules[place] = NodeRule.below;
        thresholds[place] = feature.cuts[split.lastBin] ?? mostFloat32;
        continue;
      }
      const words = wordsOf(split, feature);
      rules[place] = NodeRule.inSet;
      setStarts[place] = sets.length;
      setWords[place] = words.length;
      sets.push(...words);
    }
    return {
      featureNames,
      outputs: base.length,
      roots: Int32Array.from(this.#roots.slice(0, trees)),
      treeOutputs: Int32Array.from(this.#treeOutputs.slice(0, trees)),
      rules,
      features,
      thresholds,
      left,
      right,
      missingLeft: missingLeftFlags,
      setStarts,
      setWords,
      sets: Uint32Array.from(sets),
      leafStarts,
      leafValues: Float64Array.from(leafValues),
      covers,
      gains,
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
}

/** A set of categories as bits. */
function wordsOf({ bins }: Split, { categories }: FeatureBins): number[] {
  const chosen = bins.map((bin) => categories?.[bin] ?? 0);
  const words = Array.from<number>({ length: (Math.max(...chosen) >> 5) + 1 }).fill(0);
  for (const category of chosen) words[category >> 5] = (words[category >> 5] ?? 0) | (1 << (category & 31));
  return words;
}

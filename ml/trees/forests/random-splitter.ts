/**
 * @file The best of one random split for each feature that is drawn (Geurts, Ernst and Wehenkel, "Extremely randomized
 * trees", 2006): a threshold drawn evenly between the feature's smallest and largest value in the node.
 */
import type { Random } from "../../random.ts";
import type { FeatureColumns } from "./feature-columns.ts";
import {
  float32Threshold,
  type FeatureDraw,
  type OpenNode,
  type Split,
  type Splitter,
  type TreeSample,
} from "./splitter.ts";
import { worth, type Impurity, type TreeTarget } from "./tree-target.ts";

/** Random splits of values as they are. */
export class RandomSplitter implements Splitter {
  readonly #features: FeatureColumns;
  readonly #target: TreeTarget;
  readonly #impurity: Impurity;
  readonly #minSamplesLeaf: number;
  readonly #draw: FeatureDraw;
  readonly #random: Random;
  readonly #left: Float64Array;
  readonly #right: Float64Array;
  #sample: TreeSample = { weights: new Float64Array(0), additions: new Float64Array(0) };
  #best: Split | undefined;

  constructor(
    features: FeatureColumns,
    target: TreeTarget,
    impurity: Impurity,
    minSamplesLeaf: number,
    draw: FeatureDraw,
    random: Random,
  ) {
    this.#features = features;
    this.#target = target;
    this.#impurity = impurity;
    this.#minSamplesLeaf = minSamplesLeaf;
    this.#draw = draw;
    this.#random = random;
    this.#left = new Float64Array(target.slotCount);
    this.#right = new Float64Array(target.slotCount);
  }

  begin(sample: TreeSample): void {
    this.#sample = sample;
  }

  find(node: OpenNode): Split | undefined {
    this.#best = undefined;
    const own = worth(this.#impurity, node.sums, this.#target.slotCount, node.weight);
    this.#draw.visit((feature) => this.#visit(feature, node));
    const best = this.#found();
    return best && { ...best, gain: best.gain - own };
  }

  #found(): Split | undefined {
    return this.#best;
  }

  #visit(feature: number, node: OpenNode): boolean {
    const column = this.#features.columns[feature];
    if (!column) return true;
    const { rows, start, end } = node;
    let low = Infinity;
    let high = -Infinity;
    let missing = 0;
    for (let at = start; at < end; at++) {
      const value = column[rows[at] ?? 0] ?? 0;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (this.#features.hasMissing[feature] === true)
      for (let at = start; at < end; at++) if (Number.isNaN(column[rows[at] ?? 0])) missing++;
    const known = end - start - missing;
    if (known === 0 || (low === high && missing === 0)) return true;
    const missingLeft = missing > 0 ? this.#random.uniform() < 0.5 : undefined;
    const drawn = float32Threshold(low + this.#random.uniform() * (high - low));
    // The largest value must stay right, unless only missing values do.
    const threshold = low === high ? Infinity : drawn >= high ? low : drawn;
    if (low === high && missingLeft === true) return this.#try(feature, low, false, Infinity, column, node);
    return this.#try(feature, threshold, missingLeft, threshold, column, node);
  }

  #try(
    feature: number,
    threshold: number,
    missingLeft: boolean | undefined,
    written: number,
    column: Float32Array,
    { rows, start, end, sums, weight }: OpenNode,
  ): boolean {
    const { slots, slotCount, isClasses } = this.#target;
    const { weights, additions } = this.#sample;
    const left = this.#left.fill(0);
    const right = this.#right;
    let leftCount = 0;
    let leftWeight = 0;
    if (isClasses) {
      for (let at = start; at < end; at++) {
        const row = rows[at] ?? 0;
        const value = column[row] ?? 0;
        if (!(value <= threshold || (missingLeft === true && !(value > threshold)))) continue;
        leftCount++;
        const slot = slots[row] ?? 0;
        left[slot] = (left[slot] ?? 0) + (additions[row] ?? 0);
      }
      for (const sum of left) leftWeight += sum;
    } else {
      let total = 0;
      for (let at = start; at < end; at++) {
        const row = rows[at] ?? 0;
        const value = column[row] ?? 0;
        if (!(value <= threshold || (missingLeft === true && !(value > threshold)))) continue;
        leftCount++;
        leftWeight += weights[row] ?? 0;
        total += additions[row] ?? 0;
      }
      left[0] = total;
    }
    const rightCount = end - start - leftCount;
    if (Math.min(leftCount, rightCount) < this.#minSamplesLeaf) return false;
    for (let slot = 0; slot < slotCount; slot++) right[slot] = (sums[slot] ?? 0) - (left[slot] ?? 0);
    const gain =
      worth(this.#impurity, left, slotCount, leftWeight) +
      worth(this.#impurity, right, slotCount, weight - leftWeight);
    if (!this.#best || gain > this.#best.gain)
      this.#best = { feature, threshold: written, missingLeft, gain };
    return false;
  }
}

/** @file The best split of the features that are drawn (Breiman, "Random forests", 2001), by histograms of bins. */
import { missingBin, type BinnedColumn } from "./binned-columns.ts";
import {
  float32Threshold,
  type FeatureDraw,
  type OpenNode,
  type Split,
  type Splitter,
  type TreeSample,
} from "./splitter.ts";
import { worth, type Impurity, type TreeTarget } from "./tree-target.ts";

const binCount = 256;
/** Up to as many bins are sorted; more are looked for among all. */
const fewBins = 24;

/** Bins up to one go left; the next that is used goes right. */
interface BinSplit {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
  readonly next: number;
  readonly missingLeft: boolean | undefined;
}

/** A histogram of one feature at a time; only the bins that are used are ever touched. */
export class BestSplitter implements Splitter {
  readonly #columns: readonly BinnedColumn[];
  readonly #target: TreeTarget;
  readonly #impurity: Impurity;
  readonly #minSamplesLeaf: number;
  readonly #draw: FeatureDraw;
  readonly #sums: Float64Array;
  readonly #weights = new Float64Array(binCount);
  readonly #counts = new Int32Array(binCount);
  readonly #used = new Uint8Array(binCount + 1);
  readonly #left: Float64Array;
  readonly #right: Float64Array;
  #sample: TreeSample = { weights: new Float64Array(0), additions: new Float64Array(0) };
  #best: BinSplit | undefined;

  constructor(
    columns: readonly BinnedColumn[],
    target: TreeTarget,
    impurity: Impurity,
    minSamplesLeaf: number,
    draw: FeatureDraw,
  ) {
    this.#columns = columns;
    this.#target = target;
    this.#impurity = impurity;
    this.#minSamplesLeaf = minSamplesLeaf;
    this.#draw = draw;
    this.#sums = new Float64Array(binCount * target.slotCount);
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
    if (!best) return undefined;
    const { gain, feature, bin, next, missingLeft } = best;
    const { lowest, highest } = this.#columns[feature] ?? { lowest: [], highest: [] };
    const below = highest[bin] ?? 0;
    // Behind the last bin stand the missing values only.
    const threshold = next === missingBin ? Infinity : below / 2 + (lowest[next] ?? 0) / 2;
    return { feature, threshold: float32Threshold(threshold), missingLeft, gain: gain - own };
  }

  #found(): BinSplit | undefined {
    return this.#best;
  }

  /** Looks at all splits of a feature; tells whether there is none, since it is constant. */
  #visit(feature: number, node: OpenNode): boolean {
    const bins = this.#columns[feature]?.bins;
    if (!bins) return true;
    const used = this.#fill(bins, node);
    const hasMissing = used > 0 && this.#used[used - 1] === missingBin;
    const known = hasMissing ? used - 1 : used;
    const isConstant = known === 0 || used === 1;
    if (!isConstant) {
      this.#scan(feature, node, known, false);
      if (hasMissing) this.#scan(feature, node, known, true);
    }
    this.#clear(used);
    return isConstant;
  }

  /** Adds up the rows by bins; gives how many bins are used, which then stand in ascending order. */
  #fill(bins: Uint8Array, { rows, start, end }: OpenNode): number {
    const { slots, slotCount, isClasses } = this.#target;
    const { weights, additions } = this.#sample;
    const [counts, sums, used, binWeights] = [this.#counts, this.#sums, this.#used, this.#weights];
    let count = 0;
    for (let at = start; at < end; at++) {
      const row = rows[at] ?? 0;
      const bin = bins[row] ?? 0;
      const before = counts[bin] ?? 0;
      if (before === 0) used[count++] = bin;
      counts[bin] = before + 1;
      const place = isClasses ? bin * slotCount + (slots[row] ?? 0) : bin;
      sums[place] = (sums[place] ?? 0) + (additions[row] ?? 0);
      if (!isClasses) binWeights[bin] = (binWeights[bin] ?? 0) + (weights[row] ?? 0);
    }
    if (count <= fewBins) sortFew(used, count);
    else for (let bin = 0, to = 0; bin < binCount; bin++) if ((counts[bin] ?? 0) > 0) used[to++] = bin;
    return count;
  }

  #scan(
    feature: number,
    { sums: all, start, end, weight }: OpenNode,
    known: number,
    missingLeft: boolean,
  ): void {
    const { slotCount, isClasses } = this.#target;
    const [left, right, used, sums] = [this.#left, this.#right, this.#used, this.#sums];
    const least = this.#minSamplesLeaf;
    const isSquares = this.#impurity === "squares";
    const [counts, binWeights] = [this.#counts, this.#weights];
    left.fill(0);
    let leftCount = 0;
    let leftWeight = 0;
    // Where missing values go right, all others may go left together.
    const hasMissing = used[known] === missingBin && (counts[missingBin] ?? 0) > 0;
    const last = !missingLeft && hasMissing ? known : known - 1;
    const direction = hasMissing ? missingLeft : undefined;
    for (let at = missingLeft ? -1 : 0; at < last; at++) {
      const bin = at < 0 ? missingBin : (used[at] ?? 0);
      leftCount += counts[bin] ?? 0;
      for (let slot = 0; slot < slotCount; slot++) {
        const sum = sums[bin * slotCount + slot] ?? 0;
        left[slot] = (left[slot] ?? 0) + sum;
        if (isClasses) leftWeight += sum;
      }
      if (!isClasses) leftWeight += binWeights[bin] ?? 0;
      if (at < 0) continue;
      if (leftCount < least || end - start - leftCount < least) continue;
      const rightWeight = weight - leftWeight;
      let gain: number;
      if (isSquares) {
        let leftSquares = 0;
        let rightSquares = 0;
        for (let slot = 0; slot < slotCount; slot++) {
          const sum = left[slot] ?? 0;
          const other = (all[slot] ?? 0) - sum;
          leftSquares += sum * sum;
          rightSquares += other * other;
        }
        gain = leftSquares / leftWeight + rightSquares / rightWeight;
      } else {
        for (let slot = 0; slot < slotCount; slot++) right[slot] = (all[slot] ?? 0) - (left[slot] ?? 0);
        gain =
          worth("entropy", left, slotCount, leftWeight) + worth("entropy", right, slotCount, rightWeight);
      }
      if (!this.#best || gain > this.#best.gain)
        this.#best = { gain, feature, bin, next: used[at + 1] ?? 0, missingLeft: direction };
    }
  }

  #clear(used: number): void {
    const { slotCount } = this.#target;
    for (let at = 0; at < used; at++) {
      const bin = this.#used[at] ?? 0;
      this.#counts[bin] = 0;
      this.#weights[bin] = 0;
      for (let slot = 0; slot < slotCount; slot++) this.#sums[bin * slotCount + slot] = 0;
    }
    this.#used[used] = 0;
  }
}

/** Insertion sort. */
function sortFew(values: Uint8Array, count: number): void {
  for (let at = 1; at < count; at++) {
    const value = values[at] ?? 0;
    let to = at;
    for (; to > 0 && (values[to - 1] ?? 0) > value; to--) values[to] = values[to - 1] ?? 0;
    values[to] = value;
  }
}

/**
 * @file Values as places among thresholds: what a forest's tests become when each is `place < limit` of whole numbers.
 *
 * A value's place is how many of its feature's thresholds are at most it, so that `value < threshold j` is
 * `place < j + 1`, exactly. Missing values are the smallest place where they go left and the largest where they go
 * right: two columns of places for one feature, where both are needed. A categorical test has a column of its own: 0 in
 * the set, else the largest.
 */
import { NodeRule, type Forest } from "../forest.ts";
import { nextUp } from "./next-number.ts";

/** A feature's thresholds, ascending and different, with the columns of its values' places; −1 is no column. */
export interface PlacedFeature {
  readonly feature: number;
  readonly thresholds: Float64Array;
  leftColumn: number;
  rightColumn: number;
}

/** A set with the column that says whether a feature's value is in it. */
export interface PlacedSet {
  readonly feature: number;
  readonly start: number;
  readonly words: number;
  readonly missingLeft: boolean;
  readonly column: number;
}

/** A forest's tests on places. */
export interface PlacedForest {
  readonly features: readonly PlacedFeature[];
  readonly sets: readonly PlacedSet[];
  readonly columnCount: number;
  /** The column that each node tests. */
  readonly nodeColumns: Int32Array;
  /** A node sends places below its limit left. */
  readonly nodeLimits: Int32Array;
  /** Bytes of a place. */
  readonly placeBytes: 1 | 2 | 4;
}

/** Numbers a forest's thresholds. */
export function placeForest(forest: Forest): PlacedForest {
  const { rules } = forest;
  const features = placedFeatures(forest);
  const setsByKey = new Map<string, PlacedSet>();
  const nodeColumns = new Int32Array(rules.length);
  const nodeLimits = new Int32Array(rules.length);
  let columnCount = 0;
  for (let node = 0; node < rules.length; node++) {
    const rule = rules[node];
    if (rule === NodeRule.leaf) continue;
    const feature = forest.features[node] ?? 0;
    const missingLeft = forest.missingLeft[node] === 1;
    if (rule === NodeRule.inSet) {
      const start = forest.setStarts[node] ?? 0;
      const words = forest.setWords[node] ?? 0;
      const key = `${feature} ${start} ${words} ${missingLeft}`;
      let set = setsByKey.get(key);
      if (!set) setsByKey.set(key, (set = { feature, start, words, missingLeft, column: columnCount++ }));
      nodeColumns[node] = set.column;
      nodeLimits[node] = 1;
      continue;
    }
    const placed = features.get(feature);
    if (!placed) continue;
    const column = missingLeft ? "leftColumn" : "rightColumn";
    if (placed[column] === -1) placed[column] = columnCount++;
    nodeColumns[node] = placed[column];
    nodeLimits[node] = limitPlace(placed.thresholds, limitOf(forest, node)) + (missingLeft ? 2 : 1);
  }
  const most = [...features.values()].reduce((top, { thresholds }) => Math.max(top, thresholds.length), 0);
  return {
    features: [...features.values()],
    sets: [...setsByKey.values()],
    columnCount,
    nodeColumns,
    nodeLimits,
    placeBytes: most <= 253 ? 1 : most <= 65_533 ? 2 : 4,
  };
}

/** What a value must be below to go left; NaN where every number does. */
function limitOf({ rules, thresholds, precision }: Forest, node: number): number {
  const threshold = thresholds[node] ?? 0;
  return rules[node] === NodeRule.atMost ? nextUp(threshold, precision) : threshold;
}

function placedFeatures(forest: Forest): Map<number, PlacedFeature> {
  const { rules, features } = forest;
  const counts = new Int32Array(forest.featureNames.length);
  const isThreshold = (node: number): boolean =>
    rules[node] === NodeRule.below || rules[node] === NodeRule.atMost;
  for (let node = 0; node < rules.length; node++)
    if (isThreshold(node)) counts[features[node] ?? 0] = (counts[features[node] ?? 0] ?? 0) + 1;
  const limits = Array.from(counts, (count) => new Float64Array(count));
  counts.fill(0);
  for (let node = 0; node < rules.length; node++) {
    if (!isThreshold(node)) continue;
    const feature = features[node] ?? 0;
    const at = counts[feature] ?? 0;
    // Adding 0 makes -0 of the other 0.
    (limits[feature] ?? limits)[at] = limitOf(forest, node) + 0;
    counts[feature] = at + 1;
  }
  const found = new Map<number, PlacedFeature>();
  for (const [feature, all] of limits.entries()) {
    if (all.length === 0) continue;
    const thresholds = different(all.sort());
    found.set(feature, { feature, thresholds, leftColumn: -1, rightColumn: -1 });
  }
  return found;
}

/** Different ones of sorted numbers, without NaN, which sorts last. */
function different(sorted: Float64Array): Float64Array {
  let count = 0;
  for (const value of sorted) {
    if (Number.isNaN(value) || (count > 0 && sorted[count - 1] === value)) continue;
    sorted[count++] = value;
  }
  return sorted.slice(0, count);
}

/** The place of a limit among thresholds that have it; behind all for NaN. */
function limitPlace(thresholds: Float64Array, limit: number): number {
  if (Number.isNaN(limit)) return thresholds.length;
  let [low, high] = [0, thresholds.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((thresholds[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @file Splits that tear no group apart: all rows of a person, a device, a place are tested together. */
import { InvalidInputError } from "../../errors.ts";
import { Random } from "../../random.ts";
import { codesOf, type Codes } from "../codes.ts";
import { requireMembers } from "./stratified.ts";
import {
  checkedSplits,
  partStart,
  shuffledNumbers,
  splitsOfFolds,
  type FoldOptions,
  type Splitter,
} from "./splitter.ts";

/**
 * Parts of whole groups. Unshuffled, the largest groups come first, each to the smallest part so far; with `shuffle`, parts
 * have equally many random groups. As scikit-learn's `GroupKFold`.
 */
export function groupKFold({ splits = 5, shuffle = false, seed = 0 }: FoldOptions = {}): Splitter {
  checkedSplits(splits);
  return {
    kind: "groupKFold",
    *split({ rows, groups }) {
      const found = codesOf("groups", groups, rows);
      requireGroups(found.counts.length, splits);
      const folds = shuffle
        ? randomFolds(found.counts.length, splits, new Random(seed))
        : balancedFolds(found.counts, splits);
      yield* splitsOfFolds(
        found.codes.map((group) => folds[group] ?? 0),
        splits,
      );
    },
  };
}

/**
 * Parts of whole groups in which the classes have, as nearly as the groups allow, the proportions of the whole. Groups come
 * by falling spread of their classes, each to the part where it evens the classes out most. As scikit-learn's
 * `StratifiedGroupKFold`.
 */
export function stratifiedGroupKFold({ splits = 5, shuffle = false, seed = 0 }: FoldOptions = {}): Splitter {
  checkedSplits(splits);
  return {
    kind: "stratifiedGroupKFold",
    *split({ rows, target, groups }) {
      const found = codesOf("groups", groups, rows);
      const classes = codesOf("classes", target, rows);
      requireGroups(found.counts.length, splits);
      requireMembers(classes, splits);
      const order = shuffle
        ? shuffledNumbers(found.counts.length, new Random(seed))
        : Uint32Array.from(found.counts.keys());
      const folds = evenedFolds(found, classes, splits, order);
      yield* splitsOfFolds(
        found.codes.map((group) => folds[group] ?? 0),
        splits,
      );
    },
  };
}

function requireGroups(groups: number, splits: number): void {
  if (groups < splits)
    throw new InvalidInputError(`${groups} groups can't be split into ${splits} parts: there are too few`);
}

/** The fold of each group: the largest first, of equals the last, to the smallest fold so far. */
function balancedFolds(counts: Uint32Array, splits: number): Uint32Array {
  const order = [...counts.keys()].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || b - a);
  const sizes = Array.from({ length: splits }, () => 0);
  const folds = new Uint32Array(counts.length);
  for (const group of order) {
    const fold = sizes.indexOf(Math.min(...sizes));
    sizes[fold] = (sizes[fold] ?? 0) + (counts[group] ?? 0);
    folds[group] = fold;
  }
  return folds;
}

function randomFolds(groups: number, splits: number, random: Random): Uint32Array {
  const order = shuffledNumbers(groups, random);
  const folds = new Uint32Array(groups);
  for (let fold = 0; fold < splits; fold++) {
    for (const group of order.subarray(partStart(groups, splits, fold), partStart(groups, splits, fold + 1)))
      folds[group] = fold;
  }
  return folds;
}

/** The fold of each group, groups of equal spread in the given order. */
function evenedFolds(groups: Codes, classes: Codes, splits: number, order: Uint32Array): Uint32Array {
  const width = classes.counts.length;
  const byGroup = Array.from(groups.counts, () => new Float64Array(width));
  for (let row = 0; row < groups.codes.length; row++) {
    const counts = byGroup[groups.codes[row] ?? 0];
    const code = classes.codes[row] ?? 0;
    if (counts) counts[code] = (counts[code] ?? 0) + 1;
  }
  const spreads = byGroup.map((counts) => deviation(counts));
  const sorted = [...order].sort((a, b) => (spreads[b] ?? 0) - (spreads[a] ?? 0));
  const byFold = Array.from({ length: splits }, () => new Float64Array(width));
  const folds = new Uint32Array(byGroup.length);
  for (const group of sorted) {
    const counts = byGroup[group] ?? new Float64Array(width);
    const fold = bestFold(byFold, classes.counts, counts);
    folds[group] = fold;
    byFold[fold] = (byFold[fold] ?? counts).map((sum, code) => sum + (counts[code] ?? 0));
  }
  return folds;
}

/** The fold to which a group brings the least mean deviation of the classes' shares; of equals the smallest. */
function bestFold(byFold: readonly Float64Array[], totals: Uint32Array, counts: Float64Array): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  let fewest = Number.POSITIVE_INFINITY;
  for (const [fold, sums] of byFold.entries()) {
    let unevenness = 0;
    for (let code = 0; code < totals.length; code++) {
      const total = totals[code] ?? 1;
      const shares = byFold.map(
        (other, at) => ((other[code] ?? 0) + (at === fold ? (counts[code] ?? 0) : 0)) / total,
      );
      unevenness += deviation(shares);
    }
    unevenness /= totals.length;
    const rows = sums.reduce((sum, each) => sum + each, 0) + counts.reduce((sum, each) => sum + each, 0);
    // Equal within NumPy's `isclose`, which decides in scikit-learn.
    const isEqual = Math.abs(unevenness - least) <= 1e-8 + 1e-5 * Math.abs(least);
    if (unevenness < least || (isEqual && rows < fewest)) {
      best = fold;
      least = unevenness;
      fewest = rows;
    }
  }
  return best;
}

function deviation(values: ArrayLike<number>): number {
  const list = Array.from(values);
  const mean = list.reduce((sum, each) => sum + each, 0) / list.length;
  return Math.sqrt(list.reduce((sum, each) => sum + (each - mean) * (each - mean), 0) / list.length);
}

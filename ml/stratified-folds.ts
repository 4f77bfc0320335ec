/** @file Parts of rows in which the classes have the proportions of the whole. */
import type { Random } from "./random.ts";

/** Each row's class by its place among the classes, and how many rows each has. */
export interface CountedCodes {
  readonly codes: ArrayLike<number>;
  readonly counts: ArrayLike<number>;
}

/**
 * The fold of each row, from 0 to below `splits`, as scikit-learn's `StratifiedKFold` has it: rows sorted by class are dealt
 * out one by one, which says how many of each class a fold gets; those of a class go to the folds in their order, or in
 * random order where `random` is given.
 */
export function stratifiedFolds(
  { codes, counts }: CountedCodes,
  splits: number,
  random?: Random,
): Uint32Array {
  const order = byAppearance(codes, counts.length);
  const shares = order.map(() => new Uint32Array(splits));
  let dealt = 0;
  for (const [place, code] of order.entries()) {
    for (let at = 0; at < (counts[code] ?? 0); at++, dealt++) {
      const share = shares[place];
      if (share) share[dealt % splits] = (share[dealt % splits] ?? 0) + 1;
    }
  }
  const folds = new Uint32Array(codes.length);
  for (const [place, code] of order.entries()) {
    const ofClass = Uint32Array.from(
      [...(shares[place] ?? [])].flatMap((count, fold) => Array.from({ length: count }, () => fold)),
    );
    random?.shuffle(ofClass);
    let used = 0;
    for (let row = 0; row < codes.length; row++) if (codes[row] === code) folds[row] = ofClass[used++] ?? 0;
  }
  return folds;
}

/** The classes in the order in which they appear. */
function byAppearance(codes: ArrayLike<number>, classes: number): number[] {
  const order: number[] = [];
  const seen = new Uint8Array(classes);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] ?? 0;
    if (seen[code] === 1) continue;
    seen[code] = 1;
    order.push(code);
  }
  return order;
}

/** @file Splits in which every part has the classes in the proportions of the whole. Definitions follow scikit-learn's. */
import { InvalidInputError } from "../../errors.ts";
import { Random } from "../../random.ts";
import { codesOf, type Codes } from "../codes.ts";
import { requireRows } from "./k-fold.ts";
import { checkedSplits, splitsOfFolds, type FoldOptions, type Splitter } from "./splitter.ts";

/**
 * Parts in which the classes have the proportions of the whole. Unshuffled, each class is dealt out from the first part to
 * the last. As scikit-learn's `StratifiedKFold`.
 */
export function stratifiedKFold({ splits = 5, shuffle = false, seed = 0 }: FoldOptions = {}): Splitter {
  checkedSplits(splits);
  return {
    kind: "stratifiedKFold",
    *split({ rows, target }) {
      requireRows(rows, splits);
      const classes = codesOf("classes", target, rows);
      requireMembers(classes, splits);
      const random = shuffle ? new Random(seed) : undefined;
      yield* splitsOfFolds(dealtOut(classes, splits, random), splits);
    },
  };
}

/** Throws {@link InvalidInputError} where no class has a row for each part. */
export function requireMembers({ counts }: Codes, splits: number): void {
  if (counts.every((count) => count < splits))
    throw new InvalidInputError(`no class has the ${splits} rows that as many parts need`);
}

/** The fold of each row: rows sorted by class are dealt out one by one, which says how many of each class a fold gets. */
function dealtOut({ codes, counts }: Codes, splits: number, random: Random | undefined): Uint32Array {
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
function byAppearance(codes: Uint32Array, classes: number): number[] {
  const order: number[] = [];
  const seen = new Uint8Array(classes);
  for (const code of codes) {
    if (seen[code] === 1) continue;
    seen[code] = 1;
    order.push(code);
  }
  return order;
}

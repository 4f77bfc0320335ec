/** @file Splits in which every part has the classes in the proportions of the whole. Definitions follow scikit-learn's. */
import { InvalidInputError } from "../../errors.ts";
import { Random } from "../../random.ts";
import { stratifiedFolds } from "../../stratified-folds.ts";
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
      yield* splitsOfFolds(stratifiedFolds(classes, splits, random), splits);
    },
  };
}

/** Throws {@link InvalidInputError} where no class has a row for each part. */
export function requireMembers({ counts }: Codes, splits: number): void {
  if (counts.every((count) => count < splits))
    throw new InvalidInputError(`no class has the ${splits} rows that as many parts need`);
}

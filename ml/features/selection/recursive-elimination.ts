/** @file Selection by removing what a model finds least important, again and again. */
import { InvalidInputError } from "../../errors.ts";
import { checkMatrix, type DenseMatrix } from "../../dense-matrix.ts";
import { columnsAt } from "./best-scores.ts";
import type { ImportanceModel } from "./model.ts";
import { targetNumbers, type NumericTarget } from "../../target.ts";

/** How columns are removed. */
export interface EliminationOptions {
  /** How many columns stay; half of them where absent. */
  readonly keep?: number;
  /** How many are removed before the model is fitted again: a number, or a share of all columns below 1; 1 where absent. */
  readonly step?: number;
}

/** What {@link eliminate} found. */
export interface Elimination {
  /** The places of the columns that stay, in ascending order. */
  readonly kept: readonly number[];
  /** 1 for columns that stay, 2 for those that were removed last, and so on. */
  readonly ranking: Int32Array;
}

/**
 * Recursive feature elimination (Guyon and others, "Gene selection for cancer classification using support vector
 * machines", 2002; scikit-learn's `RFE`): fits the model, removes the columns of least importance, and begins again.
 * @throws {@link InvalidInputError} for counts that don't fit, or importances that aren't one number for each column
 */
export async function eliminate(
  matrix: DenseMatrix,
  target: NumericTarget,
  model: ImportanceModel,
  { keep, step = 1 }: EliminationOptions = {},
): Promise<Elimination> {
  checkMatrix(matrix);
  const width = matrix.columns.length;
  const y = targetNumbers(target, matrix.rows);
  const wanted = keep ?? Math.max(1, Math.floor(width / 2));
  if (!(Number.isInteger(wanted) && wanted >= 1 && wanted <= width))
    throw new InvalidInputError(`of ${width} features, 1 to ${width} can be kept, not ${wanted}`);
  if (!(step > 0 && (step < 1 || Number.isInteger(step))))
    throw new InvalidInputError(`a step removes 1 or more features, or a share of them below 1, not ${step}`);
  const removed = step < 1 ? Math.max(1, Math.floor(step * width)) : step;
  const ranking = new Int32Array(width).fill(1);
  let kept = Array.from(ranking.keys());
  while (kept.length > wanted) {
    const { importances } = await model.fit(columnsAt(matrix, kept), y);
    if (importances.length !== kept.length || Array.from(importances).some((value) => !(value >= 0)))
      throw new InvalidInputError(
        `the model was fitted on ${kept.length} features: it must give as many importances, none negative or NaN`,
      );
    const least = Array.from(kept.keys()).sort((a, b) => (importances[a] ?? 0) - (importances[b] ?? 0));
    const goes = new Set(least.slice(0, Math.min(removed, kept.length - wanted)));
    kept = kept.filter((_, place) => !goes.has(place));
    const stays = new Set(kept);
    for (let column = 0; column < width; column++) {
      if (!stays.has(column)) ranking[column] = (ranking[column] ?? 0) + 1;
    }
  }
  return { kept, ranking };
}

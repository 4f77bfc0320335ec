/** @file How much worse a fitted model's predictions are where a column's numbers are shuffled among the rows. */
import { InvalidInputError } from "../../errors.ts";
import { Random } from "../../random.ts";
import { checkMatrix, type DenseMatrix } from "../../dense-matrix.ts";
import type { PredictingModel, Score } from "./model.ts";
import { targetNumbers, type NumericTarget } from "../../target.ts";

/** How columns are shuffled. */
export interface PermutationOptions {
  /** Shuffles of each column; 5 where absent. */
  readonly repeats?: number;
  /** 0 where absent. */
  readonly seed?: number;
}

/** What {@link permutationImportance} found, for each column. */
export interface PermutationImportance {
  /** The score of the rows as they are. */
  readonly baseline: number;
  /** By how much the score falls, on average. */
  readonly means: Float64Array;
  /** The standard deviation of that over the shuffles. */
  readonly deviations: Float64Array;
}

/**
 * Permutation importance (Breiman, "Random forests", 2001; scikit-learn's `permutation_importance`). Rows that the model
 * was not trained on say what helps it to generalise. Columns that go together share their importance.
 * @throws {@link InvalidInputError} for numbers that aren't finite, or fewer predictions than rows
 * @example
 * await permutationImportance(model, validation, target, (y, p) => rocAuc(y, Float64Array.from(p)), { repeats: 10 })
 */
export async function permutationImportance(
  model: PredictingModel,
  matrix: DenseMatrix,
  target: NumericTarget,
  score: Score,
  { repeats = 5, seed = 0 }: PermutationOptions = {},
): Promise<PermutationImportance> {
  checkMatrix(matrix);
  if (!(Number.isInteger(repeats) && repeats >= 1))
    throw new InvalidInputError(`each column is shuffled 1 or more times, not ${repeats}`);
  const { rows, columns } = matrix;
  const width = columns.length;
  const y = targetNumbers(target, rows);
  const shuffled: DenseMatrix = { ...matrix, data: matrix.data.slice() };
  const scoreNow = async (): Promise<number> => {
    const predictions = await model.predict(shuffled);
    if (predictions.length !== rows)
      throw new InvalidInputError(`the model gave ${predictions.length} predictions for ${rows} rows`);
    return score(y, predictions);
  };
  const baseline = await scoreNow();
  const random = new Random(seed);
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  const means = new Float64Array(width);
  const deviations = new Float64Array(width);
  for (let column = 0; column < width; column++) {
    const falls = new Float64Array(repeats);
    for (let repeat = 0; repeat < repeats; repeat++) {
      random.shuffle(order);
      for (let row = 0; row < rows; row++)
        shuffled.data[row * width + column] = matrix.data[(order[row] ?? 0) * width + column] ?? 0;
      falls[repeat] = baseline - (await scoreNow());
    }
    for (let at = column; at < shuffled.data.length; at += width) shuffled.data[at] = matrix.data[at] ?? 0;
    const mean = falls.reduce((sum, fall) => sum + fall, 0) / repeats;
    means[column] = mean;
    deviations[column] = Math.sqrt(falls.reduce((sum, fall) => sum + (fall - mean) ** 2, 0) / repeats);
  }
  return { baseline, means, deviations };
}

/** @file What was predicted of each row by a fit that didn't see it: rows to calibrate and to choose thresholds on. */
import { InvalidInputError } from "../../errors.ts";
import type { ClassLabel } from "../../estimator.ts";
import type { ClassPrediction } from "./classification-scorers.ts";
import type { CrossValidation } from "./cross-validation.ts";

/**
 * The probability of a class for each row, by the fit of the split that tested it. As scikit-learn's `cross_val_predict` with
 * `method="predict_proba"`.
 * @throws {@link InvalidInputError} where a row was tested never or twice, as by random splits
 */
export function outOfFoldProbabilities(
  validation: CrossValidation<string, ClassPrediction>,
  label: ClassLabel,
): Float64Array {
  return gatheredFolds(validation, ({ classes, probabilities }, at) => {
    const column = classes.indexOf(label);
    return column < 0 ? 0 : (probabilities[at * classes.length + column] ?? 0);
  });
}

/**
 * The number predicted of each row, by the fit of the split that tested it. As scikit-learn's `cross_val_predict`.
 * @throws {@link InvalidInputError} as {@link outOfFoldProbabilities}
 */
export function outOfFoldPredictions(validation: CrossValidation<string, Float64Array>): Float64Array {
  return gatheredFolds(validation, (predicted, at) => predicted[at] ?? 0);
}

function gatheredFolds<Prediction>(
  { folds }: CrossValidation<string, Prediction>,
  of: (prediction: Prediction, at: number) => number,
): Float64Array {
  // Purged splits leave rows out: how many there are is told by the numbers of rows.
  const rows =
    1 + folds.reduce((most, { train, test }) => Math.max(most, largestOf(train), largestOf(test)), -1);
  const values = new Float64Array(rows).fill(Number.NaN);
  for (const { test, prediction } of folds) {
    for (const [at, row] of test.entries()) {
      if (!Number.isNaN(values[row] ?? 0))
        throw new InvalidInputError(`row ${row} was tested twice: use k-fold splits`);
      values[row] = of(prediction, at);
    }
  }
  const row = values.findIndex(Number.isNaN);
  if (row >= 0) throw new InvalidInputError(`row ${row} was never tested: use k-fold splits`);
  return values;
}

function largestOf(rows: Uint32Array): number {
  return rows.reduce((most, row) => Math.max(most, row), -1);
}

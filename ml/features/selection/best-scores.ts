/** @file Which columns stay: by a number of the best scores, or by a bound. */
import { InvalidInputError } from "../../errors.ts";
import type { DenseMatrix } from "../../dense-matrix.ts";

/**
 * The places of the `k` highest scores, in ascending order (scikit-learn's `SelectKBest`): NaN is lowest, and of equal
 * scores at the bound the later column stays.
 * @throws {@link InvalidInputError} where there are not so many
 */
export function bestScores(scores: Float64Array, k: number): number[] {
  if (!(Number.isInteger(k) && k >= 1 && k <= scores.length))
    throw new InvalidInputError(`of ${scores.length} features, 1 to ${scores.length} can be kept, not ${k}`);
  const rank = (at: number): number => {
    const score = scores[at] ?? Number.NaN;
    return Number.isNaN(score) ? -Number.MAX_VALUE : score;
  };
  const order = Array.from(scores.keys()).sort((a, b) => {
    const [first, second] = [rank(a), rank(b)];
    // Infinite scores are equal, though their difference isn't 0.
    return first === second ? a - b : first - second;
  });
  return order.slice(-k).sort((a, b) => a - b);
}

/** Variances that decide whether a column stays, and the places of those that do; see {@link varianceThreshold}. */
export interface VariedColumns {
  readonly variances: Float64Array;
  readonly kept: readonly number[];
}

/**
 * The columns whose variance (divisor: rows) is above a threshold; with the threshold 0, those that aren't constant
 * (scikit-learn's `VarianceThreshold`). Missing numbers (NaN) are left out.
 * @throws {@link InvalidInputError} where no column stays
 */
export function variedColumns({ data, rows, columns }: DenseMatrix, threshold = 0): VariedColumns {
  const width = columns.length;
  const ranges = new Float64Array(width);
  const variances = Float64Array.from(columns, (_, column) => {
    let [count, mean, squares] = [0, 0, 0];
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let row = 0; row < rows; row++) {
      const value = data[row * width + column] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      // Welford's update.
      count += 1;
      const difference = value - mean;
      mean += difference / count;
      squares += difference * (value - mean);
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    ranges[column] = high - low;
    return squares / count;
  });
  return aboveThreshold(variances, ranges, threshold);
}

/** {@link variedColumns} from the columns' variances and ranges (largest less smallest). */
export function aboveThreshold(
  variances: Float64Array,
  ranges: Float64Array,
  threshold: number,
): VariedColumns {
  // Rounding gives a constant column a variance, but no range.
  const compared = variances.map((variance, column) =>
    threshold === 0 ? Math.min(variance, ranges[column] ?? 0) : variance,
  );
  const kept = Array.from(compared.keys()).filter((column) => (compared[column] ?? 0) > threshold);
  if (kept.length === 0)
    throw new InvalidInputError(`no feature has a variance above ${threshold}: all would be removed`);
  return { variances: compared, kept };
}

/** A matrix of some of another's columns. */
export function columnsAt({ data, rows, columns }: DenseMatrix, kept: readonly number[]): DenseMatrix {
  const width = columns.length;
  const count = kept.length;
  const chosen =
    data instanceof Float32Array ? new Float32Array(rows * count) : new Float64Array(rows * count);
  for (let row = 0; row < rows; row++) {
    for (let place = 0; place < count; place++)
      chosen[row * count + place] = data[row * width + (kept[place] ?? 0)] ?? 0;
  }
  return { data: chosen, rows, columns: kept.map((column) => columns[column] ?? "") };
}

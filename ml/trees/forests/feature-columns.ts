/** @file Rows of features column by column as float32, in which trees compare them; NaN is missing. */
import { InvalidInputError } from "../../errors.ts";
import type { DenseMatrix } from "../../dense-matrix.ts";

/** Columns that trees are grown on. */
export interface FeatureColumns {
  readonly rows: number;
  readonly columns: readonly Float32Array[];
  readonly hasMissing: readonly boolean[];
}

/**
 * The columns of a matrix that something is to be learnt from.
 * @throws {@link InvalidInputError} where there are no rows, no columns, another number of values, or one that is infinite
 * as float32
 */
export function featureColumns({ data, rows, columns: names }: DenseMatrix): FeatureColumns {
  const width = names.length;
  if (data.length !== rows * width)
    throw new InvalidInputError(
      `a matrix of ${rows} rows and ${width} columns has ${rows * width} numbers, not ${data.length}`,
    );
  if (rows === 0) throw new InvalidInputError("there are no rows to learn from");
  if (width === 0) throw new InvalidInputError("there are no columns to learn from");
  const columns = names.map(() => new Float32Array(rows));
  const hasMissing = names.map(() => false);
  for (const [place, column] of columns.entries()) {
    for (let row = 0, at = place; row < rows; row++, at += width) {
      const value = Math.fround(data[at] ?? 0);
      column[row] = value;
      if (value - value === 0) continue;
      if (!Number.isNaN(value))
        throw new InvalidInputError(
          `column "${names[place]}" holds ${data[at]} in row ${row}: a value must be finite as float32, or NaN where it is missing`,
        );
      hasMissing[place] = true;
    }
  }
  return { rows, columns, hasMissing };
}

/** @file Rows of numbers in one array: what selection and decomposition compute on. */
import { InvalidInputError } from "./errors.ts";

/** Numbers by row and column, all in one array. */
export interface DenseMatrix {
  /** The number of row r and column c stands at `r * columns.length + c`. */
  readonly data: Float32Array | Float64Array;
  readonly rows: number;
  /** The columns' names. */
  readonly columns: readonly string[];
}

/**
 * Checks a matrix that something is to be learnt from: its size, and that it has rows, columns and finite numbers only.
 * @throws {@link InvalidInputError} that names the first place that doesn't fit
 */
export function checkMatrix({ data, rows, columns }: DenseMatrix): void {
  const width = columns.length;
  if (data.length !== rows * width) {
    throw new InvalidInputError(
      `a matrix of ${rows} rows and ${width} columns has ${rows * width} numbers, not ${data.length}`,
    );
  }
  if (rows === 0) throw new InvalidInputError("there are no rows to learn from");
  if (width === 0) throw new InvalidInputError("there are no columns to learn from");
  // NaN and infinities stay what they are in a sum of differences from themselves.
  let sum = 0;
  for (let at = 0; at < data.length; at++) {
    const value = data[at] ?? 0;
    sum += value - value;
  }
  if (sum === 0) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  throw new InvalidInputError(
    `column "${columns[at % width]}" holds ${data[at]} in row ${Math.floor(at / width)}: impute or filter what isn't a finite number`,
  );
}

/** Checks that a matrix has the columns that something was fitted on; only their number counts, names may differ. */
export function checkWidth({ data, rows, columns }: DenseMatrix, fitted: readonly string[]): void {
  if (columns.length !== fitted.length || data.length !== rows * columns.length) {
    throw new InvalidInputError(
      `fitted on ${fitted.length} columns, given ${data.length} numbers in ${rows} rows of ${columns.length} columns`,
    );
  }
}

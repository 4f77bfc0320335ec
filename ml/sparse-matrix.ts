/** @file Rows of which most numbers are zero, by those that are not: what texts become. */
import { InvalidInputError } from "./errors.ts";
import type { DenseMatrix } from "./dense-matrix.ts";

/** A matrix in compressed sparse rows; columns ascend within a row. */
export interface SparseMatrix {
  readonly rows: number;
  /** The columns' names. */
  readonly columns: readonly string[];
  /** Row r's entries are those from `starts[r]` up to `starts[r + 1]`. */
  readonly starts: Uint32Array;
  /** Each entry's column. */
  readonly indexes: Uint32Array;
  /** Each entry's number. */
  readonly data: Float32Array | Float64Array;
}

/** Whether a matrix says its entries by column. */
export function isSparse(matrix: DenseMatrix | SparseMatrix): matrix is SparseMatrix {
  return "indexes" in matrix;
}

/**
 * Checks a sparse matrix that something is to be learnt from.
 * @throws {@link InvalidInputError} where it has no rows, its parts don't fit, or a number isn't finite
 */
export function checkSparse({ rows, columns, starts, indexes, data }: SparseMatrix): void {
  if (rows === 0) throw new InvalidInputError("there are no rows to learn from");
  if (columns.length === 0) throw new InvalidInputError("there are no columns to learn from");
  if (starts.length !== rows + 1 || starts[rows] !== data.length || indexes.length !== data.length) {
    throw new InvalidInputError("a sparse matrix needs a start for each row and a column for each number");
  }
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new InvalidInputError(
      `column "${columns[indexes[at] ?? 0]}" holds ${data[at]}, which isn't a finite number`,
    );
  if (indexes.some((index) => index >= columns.length))
    throw new InvalidInputError("a sparse matrix has an entry beyond its columns");
}

/** The same numbers with the zeros written out. */
export function toDense({ rows, columns, starts, indexes, data }: SparseMatrix): DenseMatrix {
  const width = columns.length;
  const dense =
    data instanceof Float32Array ? new Float32Array(rows * width) : new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at++) {
      dense[row * width + (indexes[at] ?? 0)] = data[at] ?? 0;
    }
  }
  return { data: dense, rows, columns };
}

/** A sparse matrix of some of another's columns, which ascend. */
export function sparseColumnsAt(
  { rows, columns, starts, indexes, data }: SparseMatrix,
  kept: readonly number[],
): SparseMatrix {
  const places = new Int32Array(columns.length).fill(-1);
  for (const [place, column] of kept.entries()) places[column] = place;
  const staysAt: number[] = [];
  const newStarts = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at++)
      if ((places[indexes[at] ?? 0] ?? -1) >= 0) staysAt.push(at);
    newStarts[row + 1] = staysAt.length;
  }
  const chosen =
    data instanceof Float32Array ? new Float32Array(staysAt.length) : new Float64Array(staysAt.length);
  for (const [to, from] of staysAt.entries()) chosen[to] = data[from] ?? 0;
  return {
    rows,
    columns: kept.map((column) => columns[column] ?? ""),
    starts: newStarts,
    indexes: Uint32Array.from(staysAt, (at) => places[indexes[at] ?? 0] ?? 0),
    data: chosen,
  };
}

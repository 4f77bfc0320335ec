/** @file Some rows of matrices, and of arrays that hold something for each row. */
import type { DenseMatrix } from "./dense-matrix.ts";

/** Something for each row. */
export type RowArray =
  | readonly (string | number | boolean)[]
  | Uint8Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** The values of some rows, in an array of the same type. */
export function gathered<Values extends RowArray>(values: Values, rows: Uint32Array): Values {
  // SAFETY: a list becomes a list and a typed array one of its own type.
  return take(values, rows) as Values;
}

function take(values: RowArray, rows: Uint32Array): RowArray {
  if (values instanceof Float64Array) return fill(new Float64Array(rows.length), values, rows);
  if (values instanceof Float32Array) return fill(new Float32Array(rows.length), values, rows);
  if (values instanceof Uint8Array) return fill(new Uint8Array(rows.length), values, rows);
  if (values instanceof Uint32Array) return fill(new Uint32Array(rows.length), values, rows);
  if (values instanceof Int32Array) return fill(new Int32Array(rows.length), values, rows);
  return Array.from(rows, (row) => values[row] ?? Number.NaN);
}

type NumberArray = Exclude<RowArray, readonly unknown[]>;

function fill<Target extends NumberArray>(target: Target, values: NumberArray, rows: Uint32Array): Target {
  for (let at = 0; at < rows.length; at++) target[at] = values[rows[at] ?? 0] ?? 0;
  return target;
}

/** Some rows of a matrix, in an array of the same type. */
export function matrixRows({ data, columns }: DenseMatrix, rows: ArrayLike<number>): DenseMatrix {
  const width = columns.length;
  const length = rows.length * width;
  const taken = data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  for (let at = 0; at < rows.length; at++) {
    const start = (rows[at] ?? 0) * width;
    taken.set(data.subarray(start, start + width), at * width);
  }
  return { data: taken, rows: rows.length, columns };
}

/** @file Matrices out of plain numbers. */
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import type { SparseMatrix } from "../../../ml/sparse-matrix.ts";

/** A matrix whose columns are named c0, c1, …. */
export function denseMatrix(data: readonly number[], rows: number, columns: number): DenseMatrix {
  return {
    data: Float64Array.from(data),
    rows,
    columns: Array.from({ length: columns }, (_, index) => `c${index}`),
  };
}

/** The same without its zeros. */
export function toSparse({ data, rows, columns }: DenseMatrix): SparseMatrix {
  const width = columns.length;
  const entries = Array.from(data.entries()).filter(([, value]) => value !== 0);
  const starts = new Uint32Array(rows + 1);
  for (const [at] of entries) {
    const row = Math.floor(at / width) + 1;
    starts[row] = (starts[row] ?? 0) + 1;
  }
  for (let row = 0; row < rows; row++) starts[row + 1] = (starts[row + 1] ?? 0) + (starts[row] ?? 0);
  return {
    rows,
    columns,
    starts,
    indexes: Uint32Array.from(entries, ([at]) => at % width),
    data: Float64Array.from(entries, ([, value]) => value),
  };
}

import type { DenseMatrix } from "../dense-matrix.ts";
import { matrixRows } from "../row-selection.ts";

/** Some rows of a matrix, one after the other, in doubles. */
export function rowsAt(matrix: DenseMatrix, places: ArrayLike<number>): Float64Array {
  const { data } = matrixRows(matrix, places);
  return data instanceof Float64Array ? data : Float64Array.from(data);
}

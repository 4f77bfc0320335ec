import type { DenseMatrix } from "../dense-matrix.ts";

/** Some rows of a matrix, one after the other, in doubles. */
export function rowsAt({ data, columns }: DenseMatrix, places: ArrayLike<number>): Float64Array {
  const width = columns.length;
  const rows = new Float64Array(places.length * width);
  for (let at = 0; at < places.length; at++) {
    const start = (places[at] ?? 0) * width;
    rows.set(data.subarray(start, start + width), at * width);
  }
  return rows;
}

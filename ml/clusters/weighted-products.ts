import type { DenseMatrix } from "../dense-matrix.ts";
import { mostQueries, mostRows, PackedRows } from "../distances/packed-rows.ts";
import type { Turns } from "../turns.ts";

/** Rows whose products are summed at a time. */
const blockRows = 256;

/** How much each row counts: `shares[row * count + component]`. */
export interface RowShares {
  readonly shares: Float64Array;
  readonly component: number;
  readonly count: number;
}

/**
 * Adds to a square of `width` columns the sum over rows of share times `(x - mean)(x - mean)ᵀ`. The kernels see columns as
 * rows, block by block.
 */
export async function addWeightedProducts(
  { data, rows, columns }: DenseMatrix,
  mean: Float64Array,
  { shares, component, count }: RowShares,
  square: Float64Array,
  turns: Turns,
): Promise<void> {
  const width = columns.length;
  const packed = new PackedRows(width, blockRows);
  const block = new Float64Array(width * blockRows);
  const weights = new Float64Array(blockRows);
  for (let from = 0; from < rows; from += blockRows) {
    const taken = Math.min(blockRows, rows - from);
    if (taken < blockRows) block.fill(0);
    for (let row = 0; row < taken; row++) {
      weights[row] = shares[(from + row) * count + component] ?? 0;
      for (let column = 0, at = (from + row) * width; column < width; column++, at++)
        block[column * blockRows + row] = (data[at] ?? 0) - (mean[column] ?? 0);
    }
    packed.pack(block);
    for (let first = 0; first < width; first += mostQueries) {
      const queries = Math.min(mostQueries, width - first);
      for (let query = 0, at = 0; query < queries; query++)
        for (let row = 0; row < blockRows; row++, at++)
          packed.queries[at] = (block[first * blockRows + at] ?? 0) * (weights[row] ?? 0);
      for (let start = 0; start < width; start += mostRows) {
        const end = Math.min(width, start + mostRows);
        packed.compute("products", queries, start, end);
        for (let query = 0; query < queries; query++)
          for (let column = start; column < end; column++) {
            const to = (first + query) * width + column;
            square[to] = (square[to] ?? 0) + (packed.results[query * mostRows + column - start] ?? 0);
          }
      }
    }
    if (turns.due) await turns.give();
  }
}

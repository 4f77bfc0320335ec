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

/** Sums of weighted products of columns. The kernels see columns as rows, block by block. */
export class WeightedProducts {
  readonly #width: number;
  readonly #packed: PackedRows;
  /** Rows less the mean, one after the other. */
  readonly #block: Float64Array;
  readonly #weights = new Float64Array(blockRows);

  /** @param width the number of columns */
  constructor(width: number) {
    this.#width = width;
    this.#packed = new PackedRows(width, blockRows);
    this.#block = new Float64Array(width * blockRows);
  }

  /** Adds to a square of the columns the sum over rows of share times `(x - mean)(x - mean)ᵀ`. */
  async add(
    { data, rows }: DenseMatrix,
    mean: Float64Array,
    { shares, component, count }: RowShares,
    square: Float64Array,
    turns: Turns,
  ): Promise<void> {
    const width = this.#width;
    const block = this.#block;
    for (let from = 0; from < rows; from += blockRows) {
      const taken = Math.min(blockRows, rows - from);
      if (taken < blockRows) block.fill(0);
      for (let row = 0, at = 0, value = from * width; row < taken; row++) {
        this.#weights[row] = shares[(from + row) * count + component] ?? 0;
        for (let column = 0; column < width; column++, at++, value++)
          block[at] = (data[value] ?? 0) - (mean[column] ?? 0);
      }
      this.#packed.packColumns(block);
      for (let first = 0; first < width; first += mostQueries)
        this.#addQueries(first, Math.min(mostQueries, width - first), square);
      if (turns.due) await turns.give();
    }
  }

  /** Adds the products of some columns, weighted, and all. */
  #addQueries(first: number, count: number, square: Float64Array): void {
    const width = this.#width;
    const { queries, results } = this.#packed;
    for (let query = 0, at = 0; query < count; query++)
      for (let row = 0, from = first + query; row < blockRows; row++, at++, from += width)
        queries[at] = (this.#block[from] ?? 0) * (this.#weights[row] ?? 0);
    for (let start = 0; start < width; start += mostRows) {
      const end = Math.min(width, start + mostRows);
      this.#packed.compute("products", count, start, end);
      for (let query = 0; query < count; query++)
        for (let column = start; column < end; column++) {
          const to = (first + query) * width + column;
          square[to] = (square[to] ?? 0) + (results[query * mostRows + column - start] ?? 0);
        }
    }
  }
}

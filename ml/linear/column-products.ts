/** @file Weighted products of all pairs of columns: the curvature of a linear model's loss. */
import type { DenseMatrix } from "../dense-matrix.ts";
import type { Turns } from "../turns.ts";
import { KernelArrays } from "./kernels.ts";
import { RowBlock, blockRowsOf } from "./row-blocks.ts";

/** Gathers products of a matrix's columns, the intercept's column of ones behind them. */
export class ColumnProducts {
  readonly size: number;
  readonly #matrix: DenseMatrix;
  readonly #arrays: KernelArrays;
  readonly #block: RowBlock;
  readonly #stride: number;
  readonly #packed: Float64Array;
  readonly #weights: Float64Array;
  readonly #shift: Float64Array;
  readonly #products: Float64Array;

  constructor(matrix: DenseMatrix, shift?: Float64Array) {
    const width = matrix.columns.length;
    const rows = blockRowsOf(width, matrix.rows);
    this.size = width + 1;
    this.#matrix = matrix;
    this.#stride = Math.ceil(this.size / 4) * 4;
    const numbers = (rows + this.#stride) * this.#stride + rows + width;
    this.#arrays = new KernelArrays(RowBlock.size(matrix) + numbers + 8);
    this.#block = new RowBlock(matrix, this.#arrays);
    this.#packed = this.#arrays.take(rows * this.#stride);
    this.#products = this.#arrays.take(this.#stride * this.#stride);
    this.#weights = this.#arrays.take(rows);
    this.#shift = this.#arrays.take(width);
    if (shift) this.#shift.set(shift.subarray(0, width));
  }

  /**
   * Sums over rows of `weight x_i x_j` of columns less their shift: a symmetric matrix of {@link size} rows.
   * @param weigh fills the weights of the rows of a block, from the row `first` on
   * @param step of so many blocks one is taken
   */
  async gather(
    turns: Turns,
    weigh: (first: number, count: number, weights: Float64Array) => void,
    step = 1,
  ): Promise<Float64Array> {
    const { rows, columns } = this.#matrix;
    const { kernels } = this.#arrays;
    this.#products.fill(0);
    for (let first = 0; first < rows; first += this.#block.rows * step) {
      if (turns.due) await turns.give();
      const count = this.#block.load(first);
      weigh(first, count, this.#weights);
      const packed = this.#packed.byteOffset;
      const shift = this.#shift.byteOffset;
      kernels.pack(this.#block.address, count, columns.length, this.#stride, shift, packed);
      const to = this.#products.byteOffset;
      kernels.addProducts(packed, count, this.#stride, this.#weights.byteOffset, to);
    }
    return this.#symmetric();
  }

  #symmetric(): Float64Array {
    const { size } = this;
    const result = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) {
        const value = this.#products[i * this.#stride + j] ?? 0;
        result[i * size + j] = value;
        result[j * size + i] = value;
      }
    }
    return result;
  }
}

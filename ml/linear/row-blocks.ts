/**
 * @file A matrix's rows in blocks that fit a core's cache, copied into the kernels' memory one after the other: the matrix
 * itself is never copied whole.
 */
import type { DenseMatrix } from "../dense-matrix.ts";
import type { Turns } from "../turns.ts";
import { KernelArrays } from "./kernels.ts";

/** How many numbers a block aims at: 128 KiB. */
const blockNumbers = 16_384;

/** Rows of a block: a multiple of 4, since the kernels take four at a time. */
export function blockRowsOf(width: number, rows: number): number {
  const most = Math.max(16, Math.floor(blockNumbers / width / 4) * 4);
  return Math.min(most, Math.ceil(rows / 4) * 4);
}

/** The place of a block in the kernels' memory, and what brings rows there. */
export class RowBlock {
  /** Where its first number stands. */
  readonly address: number;
  readonly rows: number;
  readonly #matrix: DenseMatrix;
  readonly #arrays: KernelArrays;
  readonly #block: Float64Array;
  readonly #single: Float32Array | undefined;

  constructor(matrix: DenseMatrix, arrays: KernelArrays) {
    const width = matrix.columns.length;
    this.rows = blockRowsOf(width, matrix.rows);
    this.#matrix = matrix;
    this.#arrays = arrays;
    this.#block = arrays.take(this.rows * width);
    this.address = this.#block.byteOffset;
    if (!(matrix.data instanceof Float32Array)) return;
    const staged = arrays.take(Math.ceil((this.rows * width) / 2));
    this.#single = new Float32Array(staged.buffer, staged.byteOffset, this.rows * width);
  }

  /** How many numbers of the kernels' memory a block of a matrix takes. */
  static size({ columns, rows }: DenseMatrix): number {
    return blockRowsOf(columns.length, rows) * columns.length * 1.5 + 4;
  }

  /** Brings rows from `first` on, and tells how many: fewer than a block's at the end. */
  load(first: number): number {
    const { data, rows, columns } = this.#matrix;
    const width = columns.length;
    const count = Math.min(this.rows, rows - first);
    if (this.#single && data instanceof Float32Array) {
      this.#single.set(data.subarray(first * width, (first + count) * width));
      this.#arrays.kernels.widen(this.#single.byteOffset, this.address, count * width);
    } else this.#block.set(data.subarray(first * width, (first + count) * width));
    return count;
  }
}

/** One block of rows while a pass stands at it. Arrays of several outputs hold one output's rows after the other's. */
export interface PassBlock {
  /** The first row of the block, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** From one output's numbers to the next's. */
  readonly stride: number;
  /** Each row's sum of products with the coefficients, the intercept added. */
  readonly margins: Float64Array;
  /** To be filled: what each row is multiplied by before it is added to the gradient. */
  readonly slopes: Float64Array;
}

/**
 * Passes over all rows that compute margins from coefficients and sum up slopes times rows.
 *
 * Coefficients and gradients hold `width + 1` numbers for each output: the columns', then the intercept's.
 */
export class RowPass {
  readonly coefficients: Float64Array;
  readonly gradient: Float64Array;
  readonly #matrix: DenseMatrix;
  readonly #outputs: number;
  readonly #arrays: KernelArrays;
  readonly #block: RowBlock;
  readonly #margins: Float64Array;
  readonly #slopes: Float64Array;

  constructor(matrix: DenseMatrix, outputs: number) {
    const size = outputs * (matrix.columns.length + 1);
    const perBlock = outputs * blockRowsOf(matrix.columns.length, matrix.rows);
    this.#matrix = matrix;
    this.#outputs = outputs;
    this.#arrays = new KernelArrays(RowBlock.size(matrix) + 2 * size + 2 * perBlock + 8);
    this.#block = new RowBlock(matrix, this.#arrays);
    this.coefficients = this.#arrays.take(size);
    this.gradient = this.#arrays.take(size);
    this.#margins = this.#arrays.take(perBlock);
    this.#slopes = this.#arrays.take(perBlock);
  }

  /**
   * Visits every block in order and sums up what `visit` gives. The gradient becomes the sum of slopes times rows.
   * @param withMargins whether margins are wanted
   */
  async run(turns: Turns, visit: (block: PassBlock) => number, withMargins = true): Promise<number> {
    const { rows, columns } = this.#matrix;
    const { kernels } = this.#arrays;
    const width = columns.length;
    const stride = this.#block.rows;
    const { address } = this.#block;
    this.gradient.fill(0);
    let sum = 0;
    for (let first = 0; first < rows; first += stride) {
      if (turns.due) await turns.give();
      const count = this.#block.load(first);
      for (let output = 0; withMargins && output < this.#outputs; output++) {
        const from = this.coefficients.byteOffset + output * (width + 1) * 8;
        kernels.margins(address, count, width, from, this.#margins.byteOffset + output * stride * 8);
      }
      sum += visit({ first, count, stride, margins: this.#margins, slopes: this.#slopes });
      for (let output = 0; output < this.#outputs; output++) {
        const to = this.gradient.byteOffset + output * (width + 1) * 8;
        kernels.addSlopes(address, count, width, this.#slopes.byteOffset + output * stride * 8, to);
      }
    }
    return sum;
  }

  /** As {@link run}, without the gradient: visits margins only, of every `step`-th block. */
  async read(turns: Turns, visit: (block: PassBlock) => void, step = 1): Promise<void> {
    const { rows, columns } = this.#matrix;
    const width = columns.length;
    const stride = this.#block.rows;
    for (let first = 0; first < rows; first += stride * step) {
      if (turns.due) await turns.give();
      const count = this.#block.load(first);
      for (let output = 0; output < this.#outputs; output++) {
        const from = this.coefficients.byteOffset + output * (width + 1) * 8;
        const to = this.#margins.byteOffset + output * stride * 8;
        this.#arrays.kernels.margins(this.#block.address, count, width, from, to);
      }
      visit({ first, count, stride, margins: this.#margins, slopes: this.#slopes });
    }
  }
}

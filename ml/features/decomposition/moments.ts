/**
 * @file Means and covariances of columns, gathered block by block in one pass.
 *
 * Sums are of values less a shift, the means of the first block, so that columns far from zero lose nothing
 * (Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983).
 */
import type { DenseMatrix } from "../../dense-matrix.ts";
import { productsOfColumns, type ProductsOfColumns } from "./kernels.ts";

const blockRows = 256;

/** Means, and products of what the columns deviate from them. */
export interface Moments {
  readonly rows: number;
  readonly means: Float64Array;
  /** Sums over rows of (x_i - mean_i)(x_j - mean_j), a symmetric matrix of `width` rows. */
  readonly products: Float64Array;
}

/** Takes rows in blocks and gives {@link Moments}. */
export class MomentsOfRows {
  readonly #width: number;
  readonly #sums: Float64Array;
  readonly #gathered: ProductsOfColumns;
  /** Columns one after the other, each of `blockRows` numbers. */
  readonly #block: Float64Array;
  #shift: Float64Array | undefined;
  #rows = 0;

  /** @param width the number of columns */
  constructor(width: number) {
    this.#width = width;
    this.#sums = new Float64Array(width);
    this.#gathered = productsOfColumns(width, blockRows);
    this.#block = this.#gathered.block;
  }

  /** Adds rows, row by row in one array; they may be added in any number of parts. */
  add(data: Float32Array | Float64Array): void {
    const width = this.#width;
    const rows = data.length / width;
    for (let first = 0; first < rows; first += blockRows) {
      const count = Math.min(blockRows, rows - first);
      const start = first * width;
      for (let column = 0; column < width; column++) {
        const to = column * blockRows;
        for (let row = 0; row < count; row++) this.#block[to + row] = data[start + row * width + column] ?? 0;
      }
      this.#addBlock(count);
    }
  }

  /** Adds rows whose columns each stand in an array of their own. */
  addColumns(columns: readonly Float64Array[]): void {
    const rows = columns[0]?.length ?? 0;
    for (let first = 0; first < rows; first += blockRows) {
      const count = Math.min(blockRows, rows - first);
      for (const [column, values] of columns.entries())
        this.#block.set(values.subarray(first, first + count), column * blockRows);
      this.#addBlock(count);
    }
  }

  #addBlock(count: number): void {
    const width = this.#width;
    const block = this.#block;
    this.#shift ??= meansOf(block, width, count);
    for (let column = 0; column < width; column++) {
      const shift = this.#shift[column] ?? 0;
      const start = column * blockRows;
      let sum = 0;
      for (let at = start; at < start + count; at++) {
        const value = (block[at] ?? 0) - shift;
        block[at] = value;
        sum += value;
      }
      this.#sums[column] = (this.#sums[column] ?? 0) + sum;
      block.fill(0, start + count, start + blockRows);
    }
    this.#gathered.add();
    this.#rows += count;
  }

  /** What all rows so far give. */
  result(): Moments {
    const width = this.#width;
    const rows = this.#rows;
    const shift = this.#shift ?? new Float64Array(width);
    const offsets = this.#sums.map((sum) => sum / rows);
    const { products: gathered, stride } = this.#gathered;
    const products = new Float64Array(width * width);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) {
        const value = (gathered[i * stride + j] ?? 0) - rows * (offsets[i] ?? 0) * (offsets[j] ?? 0);
        products[i * width + j] = value;
        products[j * width + i] = value;
      }
    }
    return { rows, means: shift.map((value, column) => value + (offsets[column] ?? 0)), products };
  }
}

/** The moments of a whole matrix. */
export function momentsOf({ data, columns }: DenseMatrix): Moments {
  const moments = new MomentsOfRows(columns.length);
  moments.add(data);
  return moments.result();
}

/** The moments of columns that each stand in an array of their own, of equal length. */
export function momentsOfColumns(columns: readonly Float64Array[]): Moments {
  const moments = new MomentsOfRows(columns.length);
  moments.addColumns(columns);
  return moments.result();
}

function meansOf(block: Float64Array, width: number, count: number): Float64Array {
  return Float64Array.from({ length: width }, (_, column) => {
    const start = column * blockRows;
    return block.subarray(start, start + count).reduce((sum, value) => sum + value, 0) / count;
  });
}

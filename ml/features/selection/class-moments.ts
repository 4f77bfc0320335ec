/** @file Counts, means and variances of columns in each class: what the analysis of variance is made of. */
import { isSparse, type SparseMatrix } from "../../sparse-matrix.ts";
import type { DenseMatrix } from "../../dense-matrix.ts";

/** Moments by class; those of column j in class k stand at `k * width + j`. */
export interface ClassMoments {
  readonly width: number;
  /** Rows of each class. */
  readonly counts: ArrayLike<number>;
  readonly means: Float64Array;
  /** With the class's count as divisor. */
  readonly variances: Float64Array;
}

/** The moments of a matrix's columns, by the classes' codes. */
export function classMoments(
  matrix: DenseMatrix | SparseMatrix,
  codes: Int32Array,
  counts: Int32Array,
): ClassMoments {
  const width = matrix.columns.length;
  // Shifted to the first row, sums lose nothing to large means, and a constant column has exactly no variance.
  const shift = isSparse(matrix)
    ? new Float64Array(width)
    : Float64Array.from(matrix.data.subarray(0, width));
  const { sums, squares } = classSums(matrix, codes, counts.length, shift);
  const variances = new Float64Array(sums.length);
  for (let at = 0; at < sums.length; at++) {
    const count = counts[Math.floor(at / width)] ?? 1;
    const mean = (sums[at] ?? 0) / count;
    sums[at] = mean + (shift[at % width] ?? 0);
    variances[at] = Math.max(0, (squares[at] ?? 0) / count - mean * mean);
  }
  return { width, counts, means: sums, variances };
}

/** Sums of each column and of its squares, less a shift, in each class: `classes` x `width`. */
export function classSums(
  matrix: DenseMatrix | SparseMatrix,
  codes: Int32Array,
  classes: number,
  shift: Float64Array,
): { readonly sums: Float64Array; readonly squares: Float64Array } {
  const { data, rows, columns } = matrix;
  const width = columns.length;
  const sums = new Float64Array(classes * width);
  const squares = new Float64Array(classes * width);
  for (let row = 0; row < rows; row++) {
    const to = (codes[row] ?? 0) * width;
    if (isSparse(matrix)) {
      for (let at = matrix.starts[row] ?? 0; at < (matrix.starts[row + 1] ?? 0); at++) {
        const place = to + (matrix.indexes[at] ?? 0);
        const value = data[at] ?? 0;
        sums[place] = (sums[place] ?? 0) + value;
        squares[place] = (squares[place] ?? 0) + value * value;
      }
    } else {
      for (let column = 0; column < width; column++) {
        const value = (data[row * width + column] ?? 0) - (shift[column] ?? 0);
        sums[to + column] = (sums[to + column] ?? 0) + value;
        squares[to + column] = (squares[to + column] ?? 0) + value * value;
      }
    }
  }
  return { sums, squares };
}

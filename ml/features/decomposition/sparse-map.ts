/** @file A sparse matrix as what it does to vectors, which are rows as in `linear-map.ts`. */
import type { SparseMatrix } from "../../sparse-matrix.ts";
import type { LinearMap } from "./linear-map.ts";

/**
 * A sparse matrix as it is: subtracting something from its zeros would fill them. Each entry meets all vectors at once, so
 * that their numbers for one column stand side by side meanwhile, in fours that are summed in registers.
 */
export function sparseMap({ data, rows, columns, starts, indexes }: SparseMatrix): LinearMap {
  const width = columns.length;
  return {
    rows,
    width,
    multiply: (vectors, count) => {
      const stride = strideOf(count);
      const given = interleaved(vectors, count, width);
      const result = new Float64Array(count * rows);
      const sums = new Float64Array(stride);
      for (let row = 0; row < rows; row++) {
        for (let k = 0; k < stride; k += 4) sumRow(given, k, stride, row, sums);
        for (let k = 0; k < count; k++) result[k * rows + row] = sums[k] ?? 0;
      }
      return result;
    },
    multiplyTransposed: (vectors, count) => {
      const stride = strideOf(count);
      const made = new Float64Array(stride * width);
      const weights = new Float64Array(stride);
      for (let row = 0; row < rows; row++) {
        for (let k = 0; k < count; k++) weights[k] = vectors[k * rows + row] ?? 0;
        for (let k = 0; k < stride; k += 4) addRow(made, k, stride, row, weights);
      }
      return separated(made, count, width);
    },
    multiplySquared: (vectors, count) => {
      const stride = strideOf(count);
      const given = interleaved(vectors, count, width);
      const made = new Float64Array(stride * width);
      const sums = new Float64Array(stride);
      for (let row = 0; row < rows; row++) {
        for (let k = 0; k < stride; k += 4) {
          sumRow(given, k, stride, row, sums);
          addRow(made, k, stride, row, sums);
        }
      }
      return separated(made, count, width);
    },
  };

  /** The inner products of a row with four vectors from the k-th on. */
  function sumRow(given: Float64Array, k: number, stride: number, row: number, sums: Float64Array): void {
    const end = starts[row + 1] ?? 0;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let at = starts[row] ?? 0; at < end; at++) {
      const value = data[at] ?? 0;
      const from = (indexes[at] ?? 0) * stride + k;
      a += value * (given[from] ?? 0);
      b += value * (given[from + 1] ?? 0);
      c += value * (given[from + 2] ?? 0);
      d += value * (given[from + 3] ?? 0);
    }
    sums[k] = a;
    sums[k + 1] = b;
    sums[k + 2] = c;
    sums[k + 3] = d;
  }

  /** Adds multiples of a row to four vectors from the k-th on. */
  function addRow(made: Float64Array, k: number, stride: number, row: number, weights: Float64Array): void {
    const end = starts[row + 1] ?? 0;
    const a = weights[k] ?? 0;
    const b = weights[k + 1] ?? 0;
    const c = weights[k + 2] ?? 0;
    const d = weights[k + 3] ?? 0;
    for (let at = starts[row] ?? 0; at < end; at++) {
      const value = data[at] ?? 0;
      const to = (indexes[at] ?? 0) * stride + k;
      made[to] = (made[to] ?? 0) + value * a;
      made[to + 1] = (made[to + 1] ?? 0) + value * b;
      made[to + 2] = (made[to + 2] ?? 0) + value * c;
      made[to + 3] = (made[to + 3] ?? 0) + value * d;
    }
  }
}

/** Vectors side by side, as many zeros behind as make them fours. */
function strideOf(count: number): number {
  return Math.ceil(count / 4) * 4;
}

/** The first numbers of all vectors, then the second ones, …. */
function interleaved(vectors: Float64Array, count: number, length: number): Float64Array {
  const stride = strideOf(count);
  const result = new Float64Array(stride * length);
  for (let vector = 0; vector < count; vector++) {
    const start = vector * length;
    for (let at = 0, to = vector; at < length; at++, to += stride) result[to] = vectors[start + at] ?? 0;
  }
  return result;
}

/** What was {@link interleaved}, vector by vector. */
function separated(numbers: Float64Array, count: number, length: number): Float64Array {
  const stride = strideOf(count);
  const result = new Float64Array(count * length);
  for (let vector = 0; vector < count; vector++) {
    const start = vector * length;
    for (let at = 0, from = vector; at < length; at++, from += stride)
      result[start + at] = numbers[from] ?? 0;
  }
  return result;
}

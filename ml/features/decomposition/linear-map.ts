/**
 * @file A matrix as what it does to vectors: all that a randomized decomposition asks of it.
 *
 * Vectors are rows, `count` of them one after the other.
 */
import type { DenseMatrix } from "../../dense-matrix.ts";

/** A matrix of `rows` x `width` that is multiplied, never looked at. */
export interface LinearMap {
  readonly rows: number;
  readonly width: number;
  /** `count` vectors of `width` numbers to `count` vectors of `rows` numbers: A v. */
  readonly multiply: (vectors: Float64Array, count: number) => Float64Array;
  /** `count` vectors of `rows` numbers to `count` vectors of `width` numbers: Aᵀ v. */
  readonly multiplyTransposed: (vectors: Float64Array, count: number) => Float64Array;
  /** `count` vectors of `width` numbers to as many of `width` numbers: Aᵀ A v, each row met once. */
  readonly multiplySquared: (vectors: Float64Array, count: number) => Float64Array;
}

/** A dense matrix, from each of whose rows `shift` (one number per column) is subtracted as it is multiplied. */
export function denseMap({ data, rows, columns }: DenseMatrix, shift?: Float64Array): LinearMap {
  const width = columns.length;
  return {
    rows,
    width,
    multiply: (vectors, count) => {
      const result = new Float64Array(count * rows);
      for (let row = 0; row < rows; row++) {
        const start = row * width;
        for (let vector = 0; vector < count; vector++) {
          const at = vector * width;
          let sum = 0;
          for (let j = 0; j < width; j++) sum += (data[start + j] ?? 0) * (vectors[at + j] ?? 0);
          result[vector * rows + row] = sum;
        }
      }
      if (shift) subtractConstants(result, rows, products(vectors, shift, count));
      return result;
    },
    multiplyTransposed: (vectors, count) => {
      const result = new Float64Array(count * width);
      for (let row = 0; row < rows; row++) {
        const start = row * width;
        for (let vector = 0; vector < count; vector++) {
          const weight = vectors[vector * rows + row] ?? 0;
          const at = vector * width;
          for (let j = 0; j < width; j++)
            result[at + j] = (result[at + j] ?? 0) + weight * (data[start + j] ?? 0);
        }
      }
      if (shift) subtractMultiples(result, shift, sums(vectors, rows, count));
      return result;
    },
    multiplySquared: (vectors, count) => {
      const result = new Float64Array(count * width);
      const constants = shift ? products(vectors, shift, count) : new Float64Array(count);
      const totals = new Float64Array(count);
      for (let row = 0; row < rows; row++) {
        const start = row * width;
        for (let vector = 0; vector < count; vector++) {
          const from = vector * width;
          let sum = -(constants[vector] ?? 0);
          for (let j = 0; j < width; j++) sum += (data[start + j] ?? 0) * (vectors[from + j] ?? 0);
          totals[vector] = (totals[vector] ?? 0) + sum;
          for (let j = 0; j < width; j++)
            result[from + j] = (result[from + j] ?? 0) + sum * (data[start + j] ?? 0);
        }
      }
      if (shift) subtractMultiples(result, shift, totals);
      return result;
    },
  };
}

/** The transposed matrix. */
export function transposedMap({ rows, width, multiply, multiplyTransposed }: LinearMap): LinearMap {
  return {
    rows: width,
    width: rows,
    multiply: multiplyTransposed,
    multiplyTransposed: multiply,
    multiplySquared: (vectors, count) => multiply(multiplyTransposed(vectors, count), count),
  };
}

function products(vectors: Float64Array, shift: Float64Array, count: number): Float64Array {
  const width = shift.length;
  return Float64Array.from({ length: count }, (_, vector) =>
    shift.reduce((sum, value, j) => sum + value * (vectors[vector * width + j] ?? 0), 0),
  );
}

function sums(vectors: Float64Array, length: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, vector) =>
    vectors.subarray(vector * length, (vector + 1) * length).reduce((sum, value) => sum + value, 0),
  );
}

function subtractConstants(vectors: Float64Array, length: number, constants: Float64Array): void {
  for (const [vector, constant] of constants.entries()) {
    for (let j = vector * length; j < (vector + 1) * length; j++) vectors[j] = (vectors[j] ?? 0) - constant;
  }
}

function subtractMultiples(vectors: Float64Array, shift: Float64Array, factors: Float64Array): void {
  const width = shift.length;
  for (const [vector, factor] of factors.entries()) {
    for (let j = 0; j < width; j++)
      vectors[vector * width + j] = (vectors[vector * width + j] ?? 0) - factor * (shift[j] ?? 0);
  }
}

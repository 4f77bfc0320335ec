/** @file The largest singular values of a matrix that is only multiplied, by random projection. */
import { Random } from "../../random.ts";
import { fastBasis, nearBasis } from "./fast-basis.ts";
import { transposedMap, type LinearMap } from "./linear-map.ts";
import { thinSvd } from "../../thin-svd.ts";

/** What {@link randomizedSvd} finds, in descending order. */
export interface RightSvd {
  readonly values: Float64Array;
  /** One right singular vector, of the matrix's width, for each value. */
  readonly vectors: Float64Array;
}

/** Vectors beyond those asked for, which make these exact; scikit-learn's default. */
const oversamples = 10;

/**
 * The `count` largest singular values of a matrix and their right singular vectors: the range is found by multiplying a
 * random basis `iterations` times by the matrix and its transpose (Halko, Martinsson and Tropp, "Finding structure with
 * randomness", 2011, algorithms 4.4 and 5.1). The basis is orthonormalised after each iteration. Where singular values
 * decay slowly, the last ones are approximate: more iterations bring them nearer.
 */
export function randomizedSvd(matrix: LinearMap, count: number, iterations: number, seed: number): RightSvd {
  // As scikit-learn: the shorter side is projected.
  if (matrix.rows < matrix.width) {
    const { small, basis, size } = projected(transposedMap(matrix), count, iterations, seed);
    // A = (Aᵀ)ᵀ ≈ Bᵀ Qᵀ: the right vectors of A are Q times the left ones of B.
    const { values, right } = thinSvd(small, size, matrix.rows);
    return { values: values.slice(0, count), vectors: combine(right, basis, count, size, matrix.width) };
  }
  const { small, size } = projected(matrix, count, iterations, seed);
  const { values, left } = thinSvd(small, size, matrix.width);
  return { values: values.slice(0, count), vectors: left.slice(0, count * matrix.width) };
}

/** An orthonormal basis Q of about the range of A, and the rows of Qᵀ A. */
function projected(
  matrix: LinearMap,
  count: number,
  iterations: number,
  seed: number,
): { readonly small: Float64Array; readonly basis: Float64Array; readonly size: number } {
  const { rows, width } = matrix;
  const size = Math.min(count + oversamples, rows, width);
  const random = new Random(seed);
  let start: Float64Array = Float64Array.from({ length: size * width }, () => random.normal());
  for (let iteration = 0; iteration < iterations; iteration++) {
    start = nearBasis(matrix.multiplySquared(start, size), size, width);
  }
  const basis = fastBasis(matrix.multiply(start, size), size, rows);
  return { small: matrix.multiplyTransposed(basis, size), basis, size };
}

/** The first `count` of the vectors that rows of weights make of `size` basis vectors. */
function combine(
  weights: Float64Array,
  basis: Float64Array,
  count: number,
  size: number,
  length: number,
): Float64Array {
  const result = new Float64Array(count * length);
  for (let vector = 0; vector < count; vector++) {
    for (let k = 0; k < size; k++) {
      const weight = weights[vector * size + k] ?? 0;
      for (let j = 0; j < length; j++) {
        const place = vector * length + j;
        result[place] = (result[place] ?? 0) + weight * (basis[k * length + j] ?? 0);
      }
    }
  }
  return result;
}

/** @file An orthonormal basis of long vectors that are far from dependent, by their inner products. Vectors are rows. */
import { orthonormalise } from "../../orthonormal.ts";

/** Entries that all vectors have in the cache at once. */
const blockLength = 512;

/** Vectors more dependent than this lose too many digits to their inner products. */
const leastPivot = 1e-8;

/**
 * An orthonormal basis of the space of `count` vectors of `length` numbers, by Cholesky decomposition of their inner
 * products, done twice (Yamamoto, Nakatsukasa, Yanagisawa and Fukaya, "Roundoff error analysis of the CholeskyQR2
 * algorithm", 2015); by Householder reflections where the vectors are nearly dependent. `vectors` is used up.
 */
export function fastBasis(vectors: Float64Array, count: number, length: number): Float64Array {
  return nearBasis(nearBasis(vectors, count, length), count, length);
}

/** {@link fastBasis} once only: vectors of the same space that are orthonormal to some digits. */
export function nearBasis(vectors: Float64Array, count: number, length: number): Float64Array {
  const factor = choleskyFactor(innerProducts(vectors, count, length), count);
  if (!factor) return orthonormalise(vectors, count, length).basis;
  solve(factor, vectors, count, length);
  return vectors;
}

function innerProducts(vectors: Float64Array, count: number, length: number): Float64Array {
  const products = new Float64Array(count * count);
  for (let start = 0; start < length; start += blockLength) {
    const end = Math.min(length, start + blockLength);
    for (let i = 0; i < count; i++) {
      const a = i * length;
      let j = 0;
      for (; j + 1 <= i; j += 2) {
        const b = j * length;
        const c = b + length;
        let first = 0;
        let second = 0;
        for (let at = start; at < end; at++) {
          const value = vectors[a + at] ?? 0;
          first += value * (vectors[b + at] ?? 0);
          second += value * (vectors[c + at] ?? 0);
        }
        products[i * count + j] = (products[i * count + j] ?? 0) + first;
        products[i * count + j + 1] = (products[i * count + j + 1] ?? 0) + second;
      }
      if (j > i) continue;
      let own = 0;
      for (let at = start; at < end; at++) own += (vectors[a + at] ?? 0) * (vectors[j * length + at] ?? 0);
      products[i * count + j] = (products[i * count + j] ?? 0) + own;
    }
  }
  return products;
}

/** The lower triangle L of L Lᵀ; undefined where a pivot is too small beside its vector's length. */
function choleskyFactor(products: Float64Array, count: number): Float64Array | undefined {
  const factor = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = products[i * count + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (factor[i * count + k] ?? 0) * (factor[j * count + k] ?? 0);
      if (j < i) factor[i * count + j] = sum / (factor[j * count + j] ?? 1);
      else {
        if (!(sum > leastPivot * (products[i * count + i] ?? 0))) return undefined;
        factor[i * count + i] = Math.sqrt(sum);
      }
    }
  }
  return factor;
}

/** Replaces the vectors by the inverse of the triangle times them. */
function solve(factor: Float64Array, vectors: Float64Array, count: number, length: number): void {
  for (let start = 0; start < length; start += blockLength) {
    const end = Math.min(length, start + blockLength);
    for (let i = 0; i < count; i++) {
      const to = i * length;
      for (let j = 0; j < i; j++) {
        const weight = factor[i * count + j] ?? 0;
        const from = j * length;
        for (let at = start; at < end; at++)
          vectors[to + at] = (vectors[to + at] ?? 0) - weight * (vectors[from + at] ?? 0);
      }
      const pivot = factor[i * count + i] ?? 1;
      for (let at = start; at < end; at++) vectors[to + at] = (vectors[to + at] ?? 0) / pivot;
    }
  }
}

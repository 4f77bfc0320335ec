/**
 * @file Orthonormal bases by Householder reflections.
 *
 * Vectors are rows: `count` vectors of `length` numbers, one after the other, `count` at most `length`.
 */

/** Vectors as combinations of orthonormal ones. */
export interface Orthonormal {
  /** As many orthonormal vectors as were given. */
  readonly basis: Float64Array;
  /** `count` x `count`: vector j is the sum over i of `triangle[i * count + j]` times basis vector i; zero where i > j. */
  readonly triangle: Float64Array;
}

/**
 * An orthonormal basis of the space that vectors span, by QR decomposition (Golub and Van Loan, "Matrix Computations",
 * section 5.2). Where they are dependent, the basis is completed. `vectors` is used up.
 */
export function orthonormalise(vectors: Float64Array, count: number, length: number): Orthonormal {
  const { triangle, factors } = reflectToTriangle(vectors, count, length);
  const basis = new Float64Array(count * length);
  for (let vector = 0; vector < count; vector++) {
    const at = vector * length;
    basis[at + vector] = 1;
    for (let k = vector; k >= 0; k--) reflect(vectors, k * length, basis, at, k, length, factors[k] ?? 0);
  }
  return { basis, triangle };
}

/** {@link Orthonormal.triangle} alone, for half the work. `vectors` is used up. */
export function triangleOf(vectors: Float64Array, count: number, length: number): Float64Array {
  return reflectToTriangle(vectors, count, length).triangle;
}

/** Reflection k is left in vector k, from its number k on. */
function reflectToTriangle(
  vectors: Float64Array,
  count: number,
  length: number,
): { readonly triangle: Float64Array; readonly factors: Float64Array } {
  const triangle = new Float64Array(count * count);
  const factors = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const start = k * length;
    let scale = 0;
    for (let j = k; j < length; j++) scale = Math.max(scale, Math.abs(vectors[start + j] ?? 0));
    let norm = 0;
    if (scale > 0) {
      for (let j = k; j < length; j++) norm += ((vectors[start + j] ?? 0) / scale) ** 2;
      norm = scale * Math.sqrt(norm);
    }
    for (let i = 0; i < k; i++) triangle[i * count + k] = vectors[start + i] ?? 0;
    const first = vectors[start + k] ?? 0;
    const alpha = first > 0 ? -norm : norm;
    triangle[k * count + k] = alpha;
    if (norm === 0) continue;
    const head = first - alpha;
    // The reflection's vector, scaled to begin with 1, replaces what it has made zero.
    vectors[start + k] = 1;
    for (let j = k + 1; j < length; j++) vectors[start + j] = (vectors[start + j] ?? 0) / head;
    factors[k] = -head / alpha;
    for (let other = k + 1; other < count; other++)
      reflect(vectors, start, vectors, other * length, k, length, factors[k] ?? 0);
  }
  return { triangle, factors };
}

/** Applies I - factor v vᵀ to the entries from `from` on of the vector that stands at `target`. */
function reflect(
  reflections: Float64Array,
  v: number,
  vectors: Float64Array,
  target: number,
  from: number,
  length: number,
  factor: number,
): void {
  if (factor === 0) return;
  let inner = 0;
  for (let j = from; j < length; j++) inner += (reflections[v + j] ?? 0) * (vectors[target + j] ?? 0);
  inner *= factor;
  for (let j = from; j < length; j++)
    vectors[target + j] = (vectors[target + j] ?? 0) - inner * (reflections[v + j] ?? 0);
}

/**
 * @file Eigenvalues and eigenvectors of a symmetric matrix.
 *
 * The matrix is brought to tridiagonal form by Householder reflections, then to diagonal form by QL steps with implicit
 * shifts (Golub and Van Loan, "Matrix Computations", sections 8.3.1 and 8.3.3). Vectors are rows, so that every inner
 * loop walks through memory in order.
 */
import { InvalidInputError } from "../../errors.ts";

/** What {@link symmetricEigen} finds: values in descending order, row i of `vectors` the unit vector of value i. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/**
 * The eigenvalues, largest first, and orthonormal eigenvectors of a symmetric matrix of `size` rows; only its lower
 * triangle is read.
 * @throws {@link InvalidInputError} where a number isn't finite
 */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  if (!matrix.every((value) => Number.isFinite(value)))
    throw new InvalidInputError("a matrix with numbers that aren't finite has no eigenvalues");
  const reduced = Float64Array.from(matrix);
  const diagonal = new Float64Array(size);
  const below = new Float64Array(size);
  const factors = tridiagonalise(reduced, size, diagonal, below);
  const vectors = new Float64Array(size * size);
  for (let index = 0; index < size; index++) vectors[index * size + index] = 1;
  diagonalise(diagonal, below, vectors, size);
  reflectBack(reduced, factors, vectors, size);
  return inOrder(diagonal, vectors, size);
}

/**
 * Reduces from the last row upwards; reflection k is I - factor v vᵀ, where v is left in row k of the matrix, before its
 * diagonal. Row i's entry before the diagonal of the tridiagonal matrix goes to `below[i - 1]`.
 */
function tridiagonalise(
  a: Float64Array,
  size: number,
  diagonal: Float64Array,
  below: Float64Array,
): Float64Array {
  const factors = new Float64Array(size);
  const product = new Float64Array(size);
  for (let k = size - 1; k > 0; k--) {
    const row = k * size;
    let scale = 0;
    for (let j = 0; j < k; j++) scale = Math.max(scale, Math.abs(a[row + j] ?? 0));
    let norm = 0;
    if (scale > 0) {
      for (let j = 0; j < k; j++) norm += ((a[row + j] ?? 0) / scale) ** 2;
      norm = scale * Math.sqrt(norm);
    }
    diagonal[k] = a[row + k] ?? 0;
    const last = a[row + k - 1] ?? 0;
    const alpha = last > 0 ? -norm : norm;
    below[k - 1] = alpha;
    if (norm === 0) continue;
    const head = last - alpha;
    // v is scaled to end in 1: then no square of it can underflow.
    for (let j = 0; j < k - 1; j++) a[row + j] = (a[row + j] ?? 0) / head;
    a[row + k - 1] = 1;
    const factor = -head / alpha;
    factors[k] = factor;
    symmetricProduct(a, size, k, row, product);
    let inner = 0;
    for (let j = 0; j < k; j++) inner += (product[j] ?? 0) * (a[row + j] ?? 0);
    const half = (factor * factor * inner) / 2;
    for (let j = 0; j < k; j++) product[j] = factor * (product[j] ?? 0) - half * (a[row + j] ?? 0);
    for (let i = 0; i < k; i++) {
      const v = a[row + i] ?? 0;
      const w = product[i] ?? 0;
      const start = i * size;
      for (let j = 0; j <= i; j++) {
        a[start + j] = (a[start + j] ?? 0) - v * (product[j] ?? 0) - w * (a[row + j] ?? 0);
      }
    }
  }
  diagonal[0] = a[0] ?? 0;
  return factors;
}

/** The leading block of `count` rows times the vector at `at`, reading each entry of the lower triangle once. */
function symmetricProduct(
  a: Float64Array,
  size: number,
  count: number,
  at: number,
  product: Float64Array,
): void {
  product.fill(0, 0, count);
  for (let i = 0; i < count; i++) {
    const start = i * size;
    const own = a[at + i] ?? 0;
    let sum = (a[start + i] ?? 0) * own;
    for (let j = 0; j < i; j++) {
      const entry = a[start + j] ?? 0;
      sum += entry * (a[at + j] ?? 0);
      product[j] = (product[j] ?? 0) + entry * own;
    }
    product[i] = (product[i] ?? 0) + sum;
  }
}

const mostSteps = 60;

/** QL steps until every off-diagonal entry is negligible; the rotations are applied to the rows of `vectors`. */
function diagonalise(d: Float64Array, e: Float64Array, vectors: Float64Array, size: number): void {
  for (let low = 0; low < size; low++) {
    for (let step = 0; ; step++) {
      let high = low;
      for (; high < size - 1; high++) {
        const around = Math.abs(d[high] ?? 0) + Math.abs(d[high + 1] ?? 0);
        if (Math.abs(e[high] ?? 0) <= Number.EPSILON * around) break;
      }
      if (high === low) break;
      if (step === mostSteps)
        throw new InvalidInputError(`the eigenvalues did not converge in ${mostSteps} steps`);
      let g = ((d[low + 1] ?? 0) - (d[low] ?? 0)) / (2 * (e[low] ?? 0));
      let r = Math.hypot(g, 1);
      g = (d[high] ?? 0) - (d[low] ?? 0) + (e[low] ?? 0) / (g + (g < 0 ? -r : r));
      let sine = 1;
      let cosine = 1;
      let p = 0;
      let index = high - 1;
      for (; index >= low; index--) {
        const f = sine * (e[index] ?? 0);
        const b = cosine * (e[index] ?? 0);
        r = Math.hypot(f, g);
        e[index + 1] = r;
        if (r === 0) {
          d[index + 1] = (d[index + 1] ?? 0) - p;
          e[high] = 0;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = (d[index + 1] ?? 0) - p;
        r = ((d[index] ?? 0) - g) * sine + 2 * cosine * b;
        p = sine * r;
        d[index + 1] = g + p;
        g = cosine * r - b;
        rotateRows(vectors, size, index, sine, cosine);
      }
      if (r === 0 && index >= low) continue;
      d[low] = (d[low] ?? 0) - p;
      e[low] = g;
      e[high] = 0;
    }
  }
}

function rotateRows(vectors: Float64Array, size: number, row: number, sine: number, cosine: number): void {
  const first = row * size;
  const second = first + size;
  for (let j = 0; j < size; j++) {
    const x = vectors[first + j] ?? 0;
    const y = vectors[second + j] ?? 0;
    vectors[first + j] = cosine * x - sine * y;
    vectors[second + j] = sine * x + cosine * y;
  }
}

/** Turns eigenvectors of the tridiagonal matrix into those of the matrix itself. */
function reflectBack(a: Float64Array, factors: Float64Array, vectors: Float64Array, size: number): void {
  for (let vector = 0; vector < size; vector++) {
    const start = vector * size;
    for (let k = 1; k < size; k++) {
      const factor = factors[k] ?? 0;
      if (factor === 0) continue;
      const row = k * size;
      let inner = 0;
      for (let j = 0; j < k; j++) inner += (a[row + j] ?? 0) * (vectors[start + j] ?? 0);
      inner *= factor;
      for (let j = 0; j < k; j++) vectors[start + j] = (vectors[start + j] ?? 0) - inner * (a[row + j] ?? 0);
    }
  }
}

function inOrder(diagonal: Float64Array, vectors: Float64Array, size: number): Eigen {
  const order = Array.from(diagonal.keys()).sort((a, b) => (diagonal[b] ?? 0) - (diagonal[a] ?? 0));
  const sorted = new Float64Array(size * size);
  for (const [place, from] of order.entries()) {
    sorted.set(vectors.subarray(from * size, (from + 1) * size), place * size);
  }
  return { values: Float64Array.from(order, (index) => diagonal[index] ?? 0), vectors: sorted };
}

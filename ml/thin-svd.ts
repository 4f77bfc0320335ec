/** @file The singular value decomposition of a tall matrix. Vectors are rows, as in `orthonormal.ts`. */
import { InvalidInputError } from "./errors.ts";
import { orthonormalise } from "./orthonormal.ts";

/** What {@link thinSvd} finds, in descending order of the singular values. */
export interface ThinSvd {
  /** `count` singular values. */
  readonly values: Float64Array;
  /** `count` orthonormal vectors of `length` numbers: the left singular vectors of the matrix with the given columns. */
  readonly left: Float64Array;
  /** `count` orthonormal vectors of `count` numbers: the right ones. */
  readonly right: Float64Array;
}

const mostSweeps = 60;

/**
 * The singular value decomposition of the matrix whose columns are `count` vectors of `length` numbers, `count` at most
 * `length`: QR, then one-sided Jacobi rotations (Hestenes 1958; Golub and Van Loan, "Matrix Computations", section 8.6.3),
 * which find small singular values as exactly as large ones. `vectors` is used up.
 * @throws {@link InvalidInputError} where a number isn't finite
 */
export function thinSvd(vectors: Float64Array, count: number, length: number): ThinSvd {
  const { basis, triangle } = orthonormalise(vectors, count, length);
  const columns = transposed(triangle, count);
  const rotations = new Float64Array(count * count);
  for (let index = 0; index < count; index++) rotations[index * count + index] = 1;
  rotateUntilOrthogonal(columns, rotations, count);
  const norms = Float64Array.from({ length: count }, (_, row) => norm(columns, row * count, count));
  const order = Array.from(norms.keys()).sort((a, b) => (norms[b] ?? 0) - (norms[a] ?? 0));
  const inner = new Float64Array(count * count);
  const right = new Float64Array(count * count);
  const largest = norms[order[0] ?? 0] ?? 0;
  let rank = 0;
  for (const [place, from] of order.entries()) {
    const value = norms[from] ?? 0;
    right.set(rotations.subarray(from * count, (from + 1) * count), place * count);
    if (value <= largest * Number.EPSILON * Number.EPSILON || value === 0) continue;
    rank = place + 1;
    for (let j = 0; j < count; j++) inner[place * count + j] = (columns[from * count + j] ?? 0) / value;
  }
  // Zero singular values leave their left vectors free: any that complete the basis will do.
  const complete = rank === count ? inner : completed(inner, rank, count);
  const left = new Float64Array(count * length);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < count; k++) {
      const weight = complete[i * count + k] ?? 0;
      if (weight === 0) continue;
      for (let j = 0; j < length; j++) {
        left[i * length + j] = (left[i * length + j] ?? 0) + weight * (basis[k * length + j] ?? 0);
      }
    }
  }
  return { values: Float64Array.from(order, (index) => norms[index] ?? 0), left, right };
}

function rotateUntilOrthogonal(rows: Float64Array, rotations: Float64Array, count: number): void {
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let rotated = false;
    for (let p = 0; p < count - 1; p++) {
      for (let q = p + 1; q < count; q++) {
        if (rotatePair(rows, rotations, count, p * count, q * count)) rotated = true;
      }
    }
    if (!rotated) return;
  }
  throw new InvalidInputError(
    `the singular values did not converge in ${mostSweeps} sweeps: are all numbers finite?`,
  );
}

/** Makes two rows orthogonal; says whether they were not. */
function rotatePair(
  rows: Float64Array,
  rotations: Float64Array,
  count: number,
  p: number,
  q: number,
): boolean {
  let pp = 0;
  let qq = 0;
  let pq = 0;
  for (let j = 0; j < count; j++) {
    const x = rows[p + j] ?? 0;
    const y = rows[q + j] ?? 0;
    pp += x * x;
    qq += y * y;
    pq += x * y;
  }
  if (Math.abs(pq) <= Number.EPSILON * Math.sqrt(pp * qq) || pq === 0) return false;
  const zeta = (qq - pp) / (2 * pq);
  const tangent = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = cosine * tangent;
  for (const matrix of [rows, rotations]) {
    for (let j = 0; j < count; j++) {
      const x = matrix[p + j] ?? 0;
      const y = matrix[q + j] ?? 0;
      matrix[p + j] = cosine * x - sine * y;
      matrix[q + j] = sine * x + cosine * y;
    }
  }
  return true;
}

/** The first `rank` rows of a square matrix, orthonormal already, with others that complete them. */
function completed(rows: Float64Array, rank: number, count: number): Float64Array {
  const result = Float64Array.from(rows);
  result.fill(0, rank * count);
  let place = rank;
  for (let axis = 0; axis < count && place < count; axis++) {
    const candidate = new Float64Array(count);
    candidate[axis] = 1;
    // Twice is enough: the second pass takes away what rounding left.
    for (let pass = 0; pass < 2; pass++) {
      for (let row = 0; row < place; row++) {
        let inner = 0;
        for (let j = 0; j < count; j++) inner += (result[row * count + j] ?? 0) * (candidate[j] ?? 0);
        for (let j = 0; j < count; j++)
          candidate[j] = (candidate[j] ?? 0) - inner * (result[row * count + j] ?? 0);
      }
    }
    const length = norm(candidate, 0, count);
    // At least one axis is this far from every proper subspace.
    if (length < 0.5 / Math.sqrt(count)) continue;
    for (let j = 0; j < count; j++) result[place * count + j] = (candidate[j] ?? 0) / length;
    place += 1;
  }
  return result;
}

function norm(values: Float64Array, start: number, count: number): number {
  let scale = 0;
  for (let j = 0; j < count; j++) scale = Math.max(scale, Math.abs(values[start + j] ?? 0));
  if (scale === 0) return 0;
  let sum = 0;
  for (let j = 0; j < count; j++) sum += ((values[start + j] ?? 0) / scale) ** 2;
  return scale * Math.sqrt(sum);
}

function transposed(square: Float64Array, count: number): Float64Array {
  const result = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) result[j * count + i] = square[i * count + j] ?? 0;
  return result;
}

/** @file Symmetric positive definite systems (Golub and Van Loan, "Matrix Computations", section 4.2). */
import type { Turns } from "../turns.ts";

/** The lower triangle L of A = S L Lᵀ S, where S scales the diagonal of A to ones. */
export interface Cholesky {
  readonly size: number;
  readonly lower: Float64Array;
  readonly scales: Float64Array;
  /** The least pivot of the scaled matrix: near 0 where columns depend on each other. */
  readonly leastPivot: number;
}

/** Factors a symmetric matrix, of which the lower triangle is read; undefined where it isn't positive definite. */
export async function cholesky(
  matrix: Float64Array,
  size: number,
  turns: Turns,
): Promise<Cholesky | undefined> {
  const scales = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const diagonal = matrix[i * size + i] ?? 0;
    if (!(diagonal > 0 && diagonal < Infinity)) return undefined;
    scales[i] = Math.sqrt(diagonal);
  }
  const lower = new Float64Array(size * size);
  let leastPivot = 1;
  for (let i = 0; i < size; i++) {
    if (turns.due) await turns.give();
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      let sum = (matrix[row + j] ?? 0) / (scales[i] ?? 1) / (scales[j] ?? 1);
      for (let k = 0; k < j; k++) sum -= (lower[row + k] ?? 0) * (lower[other + k] ?? 0);
      if (j < i) lower[row + j] = sum / (lower[other + j] ?? 1);
      else {
        if (!(sum > size * Number.EPSILON)) return undefined;
        leastPivot = Math.min(leastPivot, sum);
        lower[row + i] = Math.sqrt(sum);
      }
    }
  }
  return { size, lower, scales, leastPivot };
}

/** Solves A x = b; `b` becomes x. */
export function solveCholesky({ size, lower, scales }: Cholesky, b: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let sum = (b[i] ?? 0) / (scales[i] ?? 1);
    for (let j = 0; j < i; j++) sum -= (lower[i * size + j] ?? 0) * (b[j] ?? 0);
    b[i] = sum / (lower[i * size + i] ?? 1);
  }
  for (let i = size - 1; i >= 0; i--) {
    const value = (b[i] ?? 0) / (lower[i * size + i] ?? 1);
    for (let j = 0; j < i; j++) b[j] = (b[j] ?? 0) - (lower[i * size + j] ?? 0) * value;
    b[i] = value / (scales[i] ?? 1);
  }
}

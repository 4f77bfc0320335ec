/** @file The minimum of a quadratic function with a penalty on the coordinates' magnitudes. */
import { InvalidInputError } from "./errors.ts";

/** Coordinates count as settled when none would change by more than this share of the largest. */
const tolerance = 1e-11;
const mostSweeps = 100_000;

/**
 * Moves `at` to the minimum of `½ wᵀ A w - bᵀ w + Σ penalties |w|`, coordinate by coordinate, from where it is.
 *
 * @param a a symmetric positive semi-definite matrix of as many rows as `b` has numbers
 * @throws {@link InvalidInputError} where it doesn't settle
 */
export function descend(a: Float64Array, b: Float64Array, penalties: Float64Array, at: Float64Array): void {
  const size = b.length;
  const gradient = gradientAt(a, b, at);
  const move = (j: number): number => {
    const curvature = a[j * size + j] ?? 0;
    if (curvature <= 0) return 0;
    const before = at[j] ?? 0;
    const target = before * curvature - (gradient[j] ?? 0);
    const shrunk = Math.max(0, Math.abs(target) - (penalties[j] ?? 0));
    const after = (target < 0 ? -shrunk : shrunk) / curvature;
    const change = after - before;
    if (change === 0) return 0;
    at[j] = after;
    const row = j * size;
    for (let k = 0; k < size; k++) gradient[k] = (gradient[k] ?? 0) + change * (a[row + k] ?? 0);
    return Math.abs(change) * Math.sqrt(curvature);
  };
  const everywhere = Array.from({ length: size }, (_, index) => index);
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let largest = 0;
    for (const j of everywhere) largest = Math.max(largest, move(j));
    if (largest <= tolerance * scaleOf(a, at)) return;
    // Those that aren't zero settle among themselves before the others are asked again.
    const active = everywhere.filter((j) => at[j] !== 0);
    for (; sweep < mostSweeps; sweep++) {
      largest = 0;
      for (const j of active) largest = Math.max(largest, move(j));
      if (largest <= tolerance * scaleOf(a, at)) break;
    }
  }
  throw new InvalidInputError(
    `the coefficients did not settle in ${mostSweeps} sweeps: scale the columns, or raise the penalty`,
  );
}

function gradientAt(a: Float64Array, b: Float64Array, at: Float64Array): Float64Array {
  const size = b.length;
  const gradient = b.map((value) => -value);
  for (let j = 0; j < size; j++) {
    const weight = at[j] ?? 0;
    if (weight === 0) continue;
    for (let k = 0; k < size; k++) gradient[k] = (gradient[k] ?? 0) + weight * (a[j * size + k] ?? 0);
  }
  return gradient;
}

function scaleOf(a: Float64Array, at: Float64Array): number {
  const size = at.length;
  let scale = 0;
  for (let j = 0; j < size; j++)
    scale = Math.max(scale, Math.abs(at[j] ?? 0) * Math.sqrt(Math.max(0, a[j * size + j] ?? 0)));
  return scale;
}

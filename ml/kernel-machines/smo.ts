/**
 * @file Sequential minimal optimization, as libsvm solves the dual problem of a support vector machine: minimize
 * `½ αᵀ Q α + pᵀ α` where `yᵀ α = 0` and each α is from 0 to its C; `Q[i, j] = y[i] y[j] K(i, j)`.
 *
 * Each step moves the two variables that second-order information favours (Fan, Chen and Lin, "Working set selection
 * using second order information for training support vector machines", 2005).
 */
import { InvalidInputError } from "../errors.ts";
import type { Turns } from "../turns.ts";
import type { KernelCache } from "./kernel-cache.ts";

/** What is to be solved. Several variables may be of one row: that of variable i is `i % rows`. */
export interface DualProblem {
  readonly cache: KernelCache;
  /** How many rows there are. */
  readonly rows: number;
  /** 1 or -1 for each variable. */
  readonly signs: Float64Array;
  readonly linear: Float64Array;
  /** The most that each variable may be, above 0. */
  readonly limits: Float64Array;
  /** By how much the optimality conditions may be missed. */
  readonly tol: number;
}

/** The solution: the variables, and what the machine subtracts. */
export interface DualSolution {
  readonly alphas: Float64Array;
  readonly rho: number;
}

/** A curvature that isn't positive counts as this. */
const leastCurvature = 1e-12;
const stepsBetweenTurns = 16;

/** Solves the problem. Throws {@link InvalidInputError} where it takes more steps than libsvm would do. */
export async function solveDual(problem: DualProblem, turns: Turns): Promise<DualSolution> {
  const { signs, linear, limits, cache, rows, tol } = problem;
  const count = signs.length;
  const alphas = new Float64Array(count);
  // At α = 0 the gradient is the linear part.
  const gradient = linear.slice();
  const diagonal = cache.diagonal();
  const mostSteps = Math.max(10_000_000, 100 * count);
  for (let step = 0; ; step++) {
    if (step === mostSteps)
      throw new InvalidInputError(
        `no solution within ${mostSteps} steps: scale the columns, or take a smaller c or a larger tol`,
      );
    if (step % stepsBetweenTurns === 0 && turns.due) await turns.give();
    const i = steepest(signs, alphas, limits, gradient);
    if (i < 0) break;
    const rowI = cache.row(i % rows);
    const j = partner(problem, alphas, gradient, diagonal, i, rowI, tol);
    if (j < 0) break;
    const rowJ = cache.row(j % rows);
    const oldI = alphas[i] ?? 0;
    const oldJ = alphas[j] ?? 0;
    move(problem, alphas, gradient, curvature(diagonal, rowI, i % rows, j % rows), i, j);
    const changeI = ((alphas[i] ?? 0) - oldI) * (signs[i] ?? 0);
    const changeJ = ((alphas[j] ?? 0) - oldJ) * (signs[j] ?? 0);
    for (let start = 0; start < count; start += rows)
      for (let row = 0, k = start; row < rows; row++, k++)
        gradient[k] =
          (gradient[k] ?? 0) + (signs[k] ?? 0) * ((rowI[row] ?? 0) * changeI + (rowJ[row] ?? 0) * changeJ);
  }
  return { alphas, rho: offset(signs, alphas, limits, gradient) };
}

/** The variable that may grow along its sign and whose gradient favours it most; -1 where there is none. */
function steepest(
  signs: Float64Array,
  alphas: Float64Array,
  limits: Float64Array,
  gradient: Float64Array,
): number {
  let best = -1;
  let most = -Infinity;
  for (let k = 0; k < signs.length; k++) {
    const sign = signs[k] ?? 0;
    const mayMove = sign > 0 ? (alphas[k] ?? 0) < (limits[k] ?? 0) : (alphas[k] ?? 0) > 0;
    const value = -sign * (gradient[k] ?? 0);
    if (mayMove && value >= most) {
      most = value;
      best = k;
    }
  }
  return best;
}

/** The variable that gains most together with `i`; -1 where the conditions hold. */
function partner(
  { signs, limits, rows }: DualProblem,
  alphas: Float64Array,
  gradient: Float64Array,
  diagonal: Float64Array,
  i: number,
  rowI: Float64Array,
  tol: number,
): number {
  const most = -(signs[i] ?? 0) * (gradient[i] ?? 0);
  const own = diagonal[i % rows] ?? 0;
  let least = Infinity;
  let best = -1;
  let gain = -Infinity;
  for (let start = 0; start < signs.length; start += rows)
    for (let row = 0, k = start; row < rows; row++, k++) {
      const sign = signs[k] ?? 0;
      const mayMove = sign > 0 ? (alphas[k] ?? 0) > 0 : (alphas[k] ?? 0) < (limits[k] ?? 0);
      if (!mayMove) continue;
      const value = -sign * (gradient[k] ?? 0);
      if (value < least) least = value;
      const difference = most - value;
      if (difference <= 0) continue;
      const curved = own + (diagonal[row] ?? 0) - 2 * (rowI[row] ?? 0);
      const gained = (difference * difference) / (curved > 0 ? curved : leastCurvature);
      if (gained >= gain) {
        gain = gained;
        best = k;
      }
    }
  return most - least < tol ? -1 : best;
}

function curvature(diagonal: Float64Array, rowI: Float64Array, i: number, j: number): number {
  const curved = (diagonal[i] ?? 0) + (diagonal[j] ?? 0) - 2 * (rowI[j] ?? 0);
  return curved > 0 ? curved : leastCurvature;
}

/** Moves two variables to the least value of the objective along the line on which the sum of signs stays, within their limits. */
function move(
  { signs, limits }: DualProblem,
  alphas: Float64Array,
  gradient: Float64Array,
  curved: number,
  i: number,
  j: number,
): void {
  const [mostI, mostJ] = [limits[i] ?? 0, limits[j] ?? 0];
  let a = alphas[i] ?? 0;
  let b = alphas[j] ?? 0;
  if (signs[i] !== signs[j]) {
    const step = (-(gradient[i] ?? 0) - (gradient[j] ?? 0)) / curved;
    const difference = a - b;
    a += step;
    b += step;
    if (difference > 0 && b < 0) [a, b] = [difference, 0];
    else if (difference <= 0 && a < 0) [a, b] = [0, -difference];
    if (difference > mostI - mostJ && a > mostI) [a, b] = [mostI, mostI - difference];
    else if (difference <= mostI - mostJ && b > mostJ) [a, b] = [mostJ + difference, mostJ];
  } else {
    const step = ((gradient[i] ?? 0) - (gradient[j] ?? 0)) / curved;
    const sum = a + b;
    a -= step;
    b += step;
    if (sum > mostI && a > mostI) [a, b] = [mostI, sum - mostI];
    else if (sum <= mostI && b < 0) [a, b] = [sum, 0];
    if (sum > mostJ && b > mostJ) [a, b] = [sum - mostJ, mostJ];
    else if (sum <= mostJ && a < 0) [a, b] = [0, sum];
  }
  alphas[i] = a;
  alphas[j] = b;
}

/** What the machine subtracts: the mean over variables within their limits, else the middle of what is possible. */
function offset(
  signs: Float64Array,
  alphas: Float64Array,
  limits: Float64Array,
  gradient: Float64Array,
): number {
  let [low, high, sum, free] = [-Infinity, Infinity, 0, 0];
  for (let k = 0; k < signs.length; k++) {
    const sign = signs[k] ?? 0;
    const value = sign * (gradient[k] ?? 0);
    const alpha = alphas[k] ?? 0;
    if (alpha >= (limits[k] ?? 0)) {
      if (sign < 0) high = Math.min(high, value);
      else low = Math.max(low, value);
    } else if (alpha <= 0) {
      if (sign > 0) high = Math.min(high, value);
      else low = Math.max(low, value);
    } else {
      sum += value;
      free++;
    }
  }
  return free > 0 ? sum / free : (low + high) / 2;
}

/** @file Fits of smooth losses with quadratic penalties. */
import type { DenseMatrix } from "../dense-matrix.ts";
import type { Turns } from "../turns.ts";
import { FitProgress } from "./convergence.ts";
import type { LinearFit } from "./linear-function.ts";
import type { MarginLoss } from "./losses/margin-loss.ts";
import { PenalisedLoss } from "./solvers/penalised-loss.ts";
import { minimise } from "./solvers/quasi-newton.ts";

/** Settings that all iterative solvers have. */
export interface IterationSettings {
  /** The solver has converged when no slope of the objective, divided by the rows' weight, is steeper. */
  readonly tol: number;
  /** The most steps that it takes. */
  readonly maxIter: number;
}

/** A loss to be fitted: the mean of the rows' losses by weight, and half the penalty on the squared coefficients. */
export interface SmoothProblem {
  readonly kind: string;
  readonly matrix: DenseMatrix;
  readonly loss: MarginLoss;
  /** The sum of the rows' weights. */
  readonly total: number;
  readonly penalty: number;
  /** The intercepts' penalty; undefined where there are none. */
  readonly interceptPenalty: number | undefined;
  /** Where the intercepts start. */
  readonly start?: readonly number[];
  readonly turns: Turns;
}

/** The coefficients at the minimum. */
export async function fitSmooth(
  problem: SmoothProblem,
  { tol, maxIter }: IterationSettings,
): Promise<LinearFit> {
  const { kind, matrix, loss, total, start = [] } = problem;
  const size = matrix.columns.length + 1;
  const f = new PenalisedLoss({ ...problem, scale: 1 / total });
  const from = new Float64Array(f.size);
  for (const [output, intercept] of start.entries())
    if (problem.interceptPenalty !== undefined) from[output * size + size - 1] = intercept;
  using progress = new FitProgress(kind, maxIter);
  const { at, iterations, converged } = await minimise(f, from, {
    tol,
    maxIter,
    onIteration: (steps, slope) => progress.report(steps, `largest slope ${slope.toExponential(1)}`),
  });
  return { ...unpacked(at, loss.outputs), iterations, converged };
}

/** Coefficients and intercepts that the solvers hold side by side. */
export function unpacked(
  at: Float64Array,
  outputs: number,
): Pick<LinearFit, "coefficients" | "intercepts"> {
  const size = at.length / outputs;
  const coefficients = new Float64Array(outputs * (size - 1));
  const intercepts = new Float64Array(outputs);
  for (let output = 0; output < outputs; output++) {
    coefficients.set(at.subarray(output * size, (output + 1) * size - 1), output * (size - 1));
    intercepts[output] = at[(output + 1) * size - 1] ?? 0;
  }
  return { coefficients, intercepts };
}

/** The sum of rows' weights, which are all 1 where absent. */
export function totalWeight(weights: Float64Array | undefined, rows: number): number {
  return weights === undefined ? rows : weights.reduce((sum, weight) => sum + weight, 0);
}

/** @file Fits of smooth losses with a penalty on magnitudes, which makes coefficients exactly zero. */
import { FitProgress } from "./convergence.ts";
import type { LinearFit } from "./linear-function.ts";
import { unpacked, type IterationSettings, type SmoothProblem } from "./smooth-fit.ts";
import { minimiseSparse } from "./solvers/proximal-newton.ts";

/** A loss with a penalty on magnitudes beside that on squares. */
export interface SparseFitProblem extends SmoothProblem {
  readonly magnitudePenalty: number;
  /** The same of the intercepts; 0 where absent. */
  readonly interceptMagnitudePenalty?: number;
}

/** The coefficients at the minimum. */
export async function fitSparse(
  problem: SparseFitProblem,
  { tol, maxIter }: IterationSettings,
): Promise<LinearFit> {
  const { kind, matrix, loss, total, start = [], interceptMagnitudePenalty = 0 } = problem;
  const size = matrix.columns.length + 1;
  const from = new Float64Array(loss.outputs * size);
  for (const [output, intercept] of start.entries())
    if (problem.interceptPenalty !== undefined) from[output * size + size - 1] = intercept;
  using progress = new FitProgress(kind, maxIter);
  const { at, iterations, converged } = await minimiseSparse(
    { ...problem, scale: 1 / total, interceptMagnitudePenalty },
    from,
    {
      tol,
      maxIter,
      onIteration: (steps, slope) => progress.report(steps, `largest slope ${slope.toExponential(1)}`),
    },
  );
  return { ...unpacked(at, loss.outputs), iterations, converged };
}

/** @file Linear support vector machines with liblinear's objectives. */
import { InvalidInputError } from "../errors.ts";
import { requireCount, requireNotNegative, requirePositive } from "../settings.ts";
import { requireOneOf } from "./check-settings.ts";
import { FitProgress } from "./convergence.ts";
import {
  classifier,
  regressor,
  type ClassProblem,
  type LinearClassifier,
  type LinearRegressor,
  type RegressionProblem,
} from "./estimators.ts";
import { oneVersusRest } from "./one-versus-rest.ts";
import type { LinearFit } from "./linear-function.ts";
import { rowLoss } from "./losses/margin-loss.ts";
import { squaredEpsilonLoss, squaredHingeLoss } from "./losses/point-losses.ts";
import { classFactors, factorsAgainstRest, weighRows, type ClassWeight } from "./row-class-weights.ts";
import { fitSmooth, totalWeight, unpacked, type IterationSettings } from "./smooth-fit.ts";
import { epsilonDual, hingeDual, type DualProblem } from "./solvers/dual-descent.ts";
import type { Minimum, StopRule } from "./solvers/quasi-newton.ts";
import { fitSparse } from "./sparse-fit.ts";

/** Settings of linear support vector machines. */
export interface LinearSvmSettings extends IterationSettings {
  /** How much a row's loss counts beside the penalty; 1 where absent. */
  readonly c: number;
  /** Whether there is an intercept; true where absent. */
  readonly fitIntercept: boolean;
  /** The intercept is penalised as a coefficient of a column of this number: the larger, the less; 1 where absent. */
  readonly interceptScaling: number;
}

/** Settings of {@link linearSvc}. */
export interface LinearSvcSettings extends LinearSvmSettings {
  /** On squared coefficients or, with the squared hinge, on their magnitudes; "l2" where absent. */
  readonly penalty: "l2" | "l1";
  /** `max(0, 1 - y m)²` or `max(0, 1 - y m)`; "squaredHinge" where absent. */
  readonly loss: "squaredHinge" | "hinge";
  /** How much rows of each class count; the same where absent. */
  readonly classWeight?: ClassWeight;
}

/** Settings of {@link linearSvr}. */
export interface LinearSvrSettings extends LinearSvmSettings {
  /** `max(0, |y - m| - epsilon)` or its square; "epsilonInsensitive" where absent. */
  readonly loss: "epsilonInsensitive" | "squaredEpsilonInsensitive";
  /** How far a prediction may be off at no cost; 0 where absent. */
  readonly epsilon: number;
}

const defaults: LinearSvmSettings = {
  c: 1,
  fitIntercept: true,
  interceptScaling: 1,
  tol: 1e-4,
  maxIter: 1000,
};

/**
 * A linear support vector machine of classes (scikit-learn's `LinearSVC`; Fan and others, "LIBLINEAR", 2008): minimises
 * `½ |w|² + c Σ weight · loss`, or `|w|₁` instead, the intercept penalised as a coefficient; of more than two classes, each
 * against the others, with its own class weight only. Scale the columns before it.
 */
export function linearSvc(settings: Partial<LinearSvcSettings> = {}): LinearClassifier<LinearSvcSettings> {
  return classifier<LinearSvcSettings>(
    {
      kind: "linearSvc",
      link: () => "sigmoid",
      check: (options) => {
        checkShared(options);
        requireOneOf("penalty", options.penalty, ["l2", "l1"]);
        requireOneOf("loss", options.loss, ["squaredHinge", "hinge"]);
        if (options.penalty === "l1" && options.loss === "hinge")
          throw new InvalidInputError('penalty "l1" goes with the loss "squaredHinge" only');
      },
      solve: fitClasses,
    },
    { ...defaults, penalty: "l2", loss: "squaredHinge", ...settings },
  );
}

/**
 * A linear support vector machine of numbers (scikit-learn's `LinearSVR`; Ho and Lin 2012): minimises `½ |w|² + c Σ weight ·
 * loss`, the intercept penalised as a coefficient. Scale the columns before it.
 */
export function linearSvr(settings: Partial<LinearSvrSettings> = {}): LinearRegressor<LinearSvrSettings> {
  return regressor<LinearSvrSettings>(
    {
      kind: "linearSvr",
      link: "identity",
      check: (options) => {
        checkShared(options);
        requireNotNegative("epsilon", options.epsilon);
        requireOneOf("loss", options.loss, ["epsilonInsensitive", "squaredEpsilonInsensitive"]);
      },
      solve: fitNumbers,
    },
    { ...defaults, loss: "epsilonInsensitive", epsilon: 0, ...settings },
  );
}

function checkShared({ c, interceptScaling, tol, maxIter }: LinearSvmSettings): void {
  requirePositive("c", c);
  requirePositive("interceptScaling", interceptScaling);
  requirePositive("tol", tol);
  requireCount("maxIter", maxIter);
}

async function fitClasses(
  { matrix, classes, weights: given, turns }: ClassProblem,
  settings: LinearSvcSettings,
): Promise<LinearFit> {
  const { c, penalty, loss, interceptScaling, fitIntercept } = settings;
  const factors = classFactors(settings.classWeight, given, classes);
  return oneVersusRest(classes, async (target, place) => {
    const weights = weighRows(given, factorsAgainstRest(factors, place), classes);
    const total = totalWeight(weights, matrix.rows);
    if (loss === "hinge") {
      const problem = { matrix, target, weights, turns };
      return fitDual("linearSvc", problem, settings, hingeDual);
    }
    const strength = 1 / (c * total);
    const problem = {
      kind: "linearSvc",
      matrix,
      loss: rowLoss(squaredHingeLoss, target, weights),
      total,
      turns,
    };
    if (penalty === "l2") return fitSmooth({ ...problem, ...squaredPenalties(strength, settings) }, settings);
    return fitSparse(
      {
        ...problem,
        penalty: 0,
        interceptPenalty: fitIntercept ? 0 : undefined,
        magnitudePenalty: strength,
        interceptMagnitudePenalty: strength / interceptScaling,
      },
      settings,
    );
  });
}

async function fitNumbers(
  { matrix, target, weights, turns }: RegressionProblem,
  settings: LinearSvrSettings,
): Promise<LinearFit> {
  const { c, loss, epsilon } = settings;
  if (loss === "epsilonInsensitive")
    return fitDual("linearSvr", { matrix, target, weights, turns }, settings, (problem, stop) =>
      epsilonDual(problem, epsilon, stop),
    );
  const total = totalWeight(weights, matrix.rows);
  return fitSmooth(
    {
      kind: "linearSvr",
      matrix,
      loss: rowLoss(squaredEpsilonLoss(epsilon), target, weights),
      total,
      ...squaredPenalties(1 / (c * total), settings),
      turns,
    },
    settings,
  );
}

/** The intercept b is the coefficient b / scaling of a column of `scaling`. */
function squaredPenalties(
  strength: number,
  { fitIntercept, interceptScaling }: LinearSvmSettings,
): { readonly penalty: number; readonly interceptPenalty: number | undefined } {
  return {
    penalty: strength,
    interceptPenalty: fitIntercept ? strength / interceptScaling ** 2 : undefined,
  };
}

async function fitDual(
  kind: string,
  {
    weights,
    ...problem
  }: Omit<DualProblem, "bounds" | "interceptScale"> & {
    readonly weights: Float64Array | undefined;
  },
  { c, fitIntercept, interceptScaling, tol, maxIter }: LinearSvmSettings,
  solve: (problem: DualProblem, stop: StopRule) => Promise<Minimum>,
): Promise<LinearFit> {
  using progress = new FitProgress(kind, maxIter);
  const { at, iterations, converged } = await solve(
    {
      ...problem,
      bounds: weights ? (row) => c * (weights[row] ?? 0) : () => c,
      interceptScale: fitIntercept ? interceptScaling : 0,
    },
    {
      tol,
      maxIter,
      onIteration: (steps, violation) =>
        progress.report(steps, `largest violation ${violation.toExponential(1)}`),
    },
  );
  return { ...unpacked(at, 1), iterations, converged };
}

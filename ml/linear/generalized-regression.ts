/** @file Generalised linear models of counts and positive amounts, with the log link. */
import { InvalidInputError } from "../errors.ts";
import { requireCount, requireNotNegative, requirePositive } from "../settings.ts";
import { regressor, type LinearRegressor, type RegressionProblem } from "./estimators.ts";
import type { LinearFit } from "./linear-function.ts";
import { rowLoss, type PointLoss } from "./losses/margin-loss.ts";
import { gammaLoss, poissonLoss } from "./losses/point-losses.ts";
import { fitSmooth, totalWeight, type IterationSettings } from "./smooth-fit.ts";

/** Settings of {@link poissonRegressor} and {@link gammaRegressor}. */
export interface GeneralizedSettings extends IterationSettings {
  /** The penalty on squared coefficients; 1 where absent. */
  readonly alpha: number;
  /** Whether there is an intercept, which is not penalised; true where absent. */
  readonly fitIntercept: boolean;
}

const defaults: GeneralizedSettings = { alpha: 1, fitIntercept: true, tol: 1e-4, maxIter: 100 };

/**
 * Poisson regression of counts (scikit-learn's `PoissonRegressor`): the prediction is `exp(Xw + b)`, which minimises half
 * the mean deviance by weight plus `alpha / 2 |w|²`. Targets are from 0 up, not all 0.
 */
export function poissonRegressor(
  settings: Partial<GeneralizedSettings> = {},
): LinearRegressor<GeneralizedSettings> {
  return regressor<GeneralizedSettings>(
    {
      kind: "poissonRegressor",
      link: "exp",
      check,
      solve: (problem, options) => {
        const bad = problem.target.findIndex((value) => value < 0);
        if (bad >= 0)
          throw new InvalidInputError(
            `the target of row ${bad} is ${problem.target[bad]}: a Poisson regression takes numbers from 0 up`,
          );
        return fit("poissonRegressor", problem, poissonLoss, options);
      },
    },
    { ...defaults, ...settings },
  );
}

/**
 * Gamma regression of positive amounts (scikit-learn's `GammaRegressor`): the prediction is `exp(Xw + b)`, which minimises
 * half the mean deviance by weight plus `alpha / 2 |w|²`. Targets are above 0.
 */
export function gammaRegressor(
  settings: Partial<GeneralizedSettings> = {},
): LinearRegressor<GeneralizedSettings> {
  return regressor<GeneralizedSettings>(
    {
      kind: "gammaRegressor",
      link: "exp",
      check,
      solve: (problem, options) => {
        const bad = problem.target.findIndex((value) => value <= 0);
        if (bad >= 0)
          throw new InvalidInputError(
            `the target of row ${bad} is ${problem.target[bad]}: a Gamma regression takes numbers above 0`,
          );
        return fit("gammaRegressor", problem, gammaLoss, options);
      },
    },
    { ...defaults, ...settings },
  );
}

function check({ alpha, tol, maxIter }: GeneralizedSettings): void {
  requireNotNegative("alpha", alpha);
  requirePositive("tol", tol);
  requireCount("maxIter", maxIter);
}

async function fit(
  kind: string,
  { matrix, target, weights, turns }: RegressionProblem,
  loss: PointLoss,
  { alpha, fitIntercept, tol, maxIter }: GeneralizedSettings,
): Promise<LinearFit> {
  const total = totalWeight(weights, matrix.rows);
  const sum = target.reduce((all, value, row) => all + value * (weights?.[row] ?? 1), 0);
  if (sum === 0) throw new InvalidInputError("the target is 0 in all rows that count: there is nothing to fit");
  return fitSmooth(
    {
      kind,
      matrix,
      loss: rowLoss(loss, target, weights),
      total,
      penalty: alpha,
      interceptPenalty: fitIntercept ? 0 : undefined,
      start: [Math.log(sum / total)],
      turns,
    },
    { tol, maxIter },
  );
}

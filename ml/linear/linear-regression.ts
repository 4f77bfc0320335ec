/** @file Regressions by least squares: ordinary, and with penalties on the coefficients. */
import { descend } from "../coordinate-descent.ts";
import { InvalidInputError } from "../errors.ts";
import { requireNotNegative } from "../settings.ts";
import { regressor, type LinearRegressor, type RegressionProblem } from "./estimators.ts";
import {
  centredProducts,
  centreOf,
  leastSquares,
  slopesAt,
  withIntercept,
  type LeastSquaresFit,
} from "./least-squares.ts";
import type { LinearFit } from "./linear-function.ts";
import { RowPass } from "./row-blocks.ts";

/** Settings of {@link linearRegression}. */
export interface LinearRegressionSettings {
  /** Whether there is an intercept; true where absent. */
  readonly fitIntercept: boolean;
}

/** Settings of {@link ridge} and {@link lasso}. */
export interface PenalisedSettings extends LinearRegressionSettings {
  /** The penalty's strength; 1 where absent. */
  readonly alpha: number;
}

/** Settings of {@link elasticNet}. */
export interface ElasticNetSettings extends PenalisedSettings {
  /** The share of the penalty on magnitudes, 0 to 1, beside that on squares; 0.5 where absent. */
  readonly l1Ratio: number;
}

/**
 * Least squares (scikit-learn's `LinearRegression`): minimises `Σ weight (y - Xw - b)²`. Where columns depend on each
 * other, of all solutions the one with the smallest coefficients.
 */
export function linearRegression(
  settings: Partial<LinearRegressionSettings> = {},
): LinearRegressor<LinearRegressionSettings> {
  return regressor<LinearRegressionSettings>(
    {
      kind: "linearRegression",
      link: "identity",
      check: () => undefined,
      solve: async (problem, { fitIntercept }) =>
        direct(await leastSquares({ ...problem, fitIntercept }, 0, problem.turns)),
    },
    { fitIntercept: true, ...settings },
  );
}

/** Ridge regression (scikit-learn's `Ridge`): minimises `Σ weight (y - Xw - b)² + alpha |w|²`. Scale the columns before it. */
export function ridge(settings: Partial<PenalisedSettings> = {}): LinearRegressor<PenalisedSettings> {
  return regressor<PenalisedSettings>(
    {
      kind: "ridge",
      link: "identity",
      check: ({ alpha }) => requireNotNegative("alpha", alpha),
      solve: async (problem, { alpha, fitIntercept }) =>
        direct(await leastSquares({ ...problem, fitIntercept }, alpha, problem.turns)),
    },
    { alpha: 1, fitIntercept: true, ...settings },
  );
}

/**
 * Lasso (Tibshirani 1996; scikit-learn's `Lasso`): minimises `Σ weight (y - Xw - b)² / (2 Σ weight) + alpha |w|₁`, which
 * makes coefficients exactly zero. Scale the columns before it.
 */
export function lasso(settings: Partial<PenalisedSettings> = {}): LinearRegressor<PenalisedSettings> {
  return regressor<PenalisedSettings>(
    {
      kind: "lasso",
      link: "identity",
      check: ({ alpha }) => requireNotNegative("alpha", alpha),
      solve: (problem, options) => penalised(problem, { ...options, l1Ratio: 1 }),
    },
    { alpha: 1, fitIntercept: true, ...settings },
  );
}

/**
 * Elastic net (Zou and Hastie 2005; scikit-learn's `ElasticNet`): minimises `Σ weight (y - Xw - b)² / (2 Σ weight) +
 * alpha (l1Ratio |w|₁ + (1 - l1Ratio) / 2 |w|²)`. Scale the columns before it.
 */
export function elasticNet(settings: Partial<ElasticNetSettings> = {}): LinearRegressor<ElasticNetSettings> {
  return regressor<ElasticNetSettings>(
    {
      kind: "elasticNet",
      link: "identity",
      check: ({ alpha, l1Ratio }) => {
        requireNotNegative("alpha", alpha);
        requireShare("l1Ratio", l1Ratio);
      },
      solve: penalised,
    },
    { alpha: 1, l1Ratio: 0.5, fitIntercept: true, ...settings },
  );
}

/** Throws {@link InvalidInputError} unless a setting is from 0 to 1. */
export function requireShare(name: string, value: number): void {
  if (!(value >= 0 && value <= 1))
    throw new InvalidInputError(`${name} must be a number from 0 to 1, not ${value}`);
}

async function penalised(
  { turns, ...given }: RegressionProblem,
  { alpha, l1Ratio, fitIntercept }: ElasticNetSettings,
): Promise<LinearFit> {
  const problem = { ...given, fitIntercept };
  const width = given.matrix.columns.length;
  const pass = new RowPass(given.matrix, 1);
  const centre = await centreOf(problem, pass, turns);
  const products = await centredProducts(problem, centre, turns);
  const slopes = await slopesAt(problem, centre, new Float64Array(width), pass, turns);
  const curvature = products.map((value) => value / centre.weight);
  for (let at = 0; at < width; at++)
    curvature[at * width + at] = (curvature[at * width + at] ?? 0) + alpha * (1 - l1Ratio);
  const coefficients = new Float64Array(width);
  const penalties = new Float64Array(width).fill(alpha * l1Ratio);
  const rates = slopes.map((value) => value / centre.weight);
  descend(curvature, rates, penalties, coefficients);
  return direct(withIntercept(coefficients, centre));
}

function direct({ coefficients, intercept }: LeastSquaresFit): LinearFit {
  return { coefficients, intercepts: Float64Array.of(intercept), iterations: 0, converged: true };
}

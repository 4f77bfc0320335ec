/** @file How the estimators of linear models are made: settings that are checked, and a fit that starts from checked rows. */
import { modelClasses } from "../class-labels.ts";
import { checkMatrix, type DenseMatrix } from "../dense-matrix.ts";
import type { Classifier, FitOptions, Regressor } from "../estimator.ts";
import { observedEstimator } from "../fit-observer.ts";
import { rowWeights } from "../row-weights.ts";
import { targetNumbers, type ClassCodes } from "../target.ts";
import { Turns } from "../turns.ts";
import { LinearClassificationModel, type ClassificationKind } from "./classification-model.ts";
import { requireFiniteFit, warnUnlessConverged } from "./convergence.ts";
import type { ClassLink, LinearFit, RegressionLink } from "./linear-function.ts";
import { LinearRegressionModel, type RegressionKind } from "./regression-model.ts";

/** What a fit of numbers is given, checked. */
export interface RegressionProblem {
  readonly matrix: DenseMatrix;
  readonly target: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly turns: Turns;
}

/** What a fit of classes is given, checked. */
export interface ClassProblem {
  readonly matrix: DenseMatrix;
  readonly classes: ClassCodes;
  readonly weights: Float64Array | undefined;
  readonly turns: Turns;
}

/** A method that learns numbers. */
export interface RegressionMethod<Settings extends object> {
  readonly kind: RegressionKind;
  readonly link: RegressionLink;
  /** Throws for settings that can't be. */
  check(settings: Settings): void;
  solve(problem: RegressionProblem, settings: Settings): Promise<LinearFit>;
}

/** A method that learns classes. */
export interface ClassMethod<Settings extends object> {
  readonly kind: ClassificationKind;
  link(settings: Settings, classes: number): ClassLink;
  /** Throws for settings that can't be. */
  check(settings: Settings): void;
  solve(problem: ClassProblem, settings: Settings): Promise<LinearFit>;
}

/** A linear method that learns numbers. */
export type LinearRegressor<Settings extends object> = Regressor<Settings, LinearRegressionModel>;

/** A linear method that learns classes. */
export type LinearClassifier<Settings extends object> = Classifier<Settings, LinearClassificationModel>;

/** The estimator of a method with settings. */
export function regressor<Settings extends object>(
  method: RegressionMethod<Settings>,
  settings: Settings,
): LinearRegressor<Settings> {
  method.check(settings);
  return observedEstimator({
    kind: method.kind,
    task: "regression",
    settings,
    with: (changes) => regressor(method, { ...settings, ...changes }),
    fit: async (matrix, target, { weights, signal }: FitOptions = {}) => {
      checkMatrix(matrix);
      const problem: RegressionProblem = {
        matrix,
        target: targetNumbers(target, matrix.rows),
        weights: rowWeights(weights, matrix.rows),
        turns: new Turns(signal),
      };
      const fit = warnUnlessConverged(method.kind, requireFiniteFit(await method.solve(problem, settings)));
      return new LinearRegressionModel(method.kind, matrix.columns, method.link, fit);
    },
  });
}

/** The estimator of a method with settings. */
export function classifier<Settings extends object>(
  method: ClassMethod<Settings>,
  settings: Settings,
): LinearClassifier<Settings> {
  method.check(settings);
  return observedEstimator({
    kind: method.kind,
    task: "classification",
    settings,
    with: (changes) => classifier(method, { ...settings, ...changes }),
    fit: async (matrix, target, { weights, signal }: FitOptions = {}) => {
      checkMatrix(matrix);
      const problem: ClassProblem = {
        matrix,
        classes: modelClasses(target, matrix.rows),
        weights: rowWeights(weights, matrix.rows),
        turns: new Turns(signal),
      };
      const fit = warnUnlessConverged(method.kind, requireFiniteFit(await method.solve(problem, settings)));
      const { classes } = problem.classes;
      const link = method.link(settings, classes.length);
      return new LinearClassificationModel(method.kind, matrix.columns, classes, link, fit);
    },
  });
}

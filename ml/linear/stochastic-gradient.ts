/** @file Linear models by stochastic gradient descent. */
import { InvalidInputError } from "../errors.ts";
import { Random } from "../random.ts";
import { requireCount, requireIndex, requireNotNegative, requirePositive } from "../settings.ts";
import { requireOneOf, requireShare } from "./check-settings.ts";
import { FitProgress } from "./convergence.ts";
import {
  classifier,
  regressor,
  type ClassProblem,
  type LinearClassifier,
  type LinearRegressor,
  type RegressionProblem,
} from "./estimators.ts";
import { marginsOf, type LinearFit } from "./linear-function.ts";
import {
  classLosses,
  descentLoss,
  linkOf,
  regressionLosses,
  type ClassLoss,
  type RegressionLoss,
} from "./losses/descent-losses.ts";
import { oneVersusRest } from "./one-versus-rest.ts";
import { classFactors, factorsAgainstRest, weighRows, type ClassWeight } from "./row-class-weights.ts";
import { unpacked } from "./smooth-fit.ts";
import {
  descendStochastically,
  learningRates,
  type DescentProblem,
  type LearningRate,
} from "./solvers/stochastic-descent.ts";

/** Settings of {@link sgdClassifier} and {@link sgdRegressor}, with scikit-learn's names and defaults. */
export interface SgdSettings {
  /** "l2" where absent; null for none. */
  readonly penalty: "l2" | "l1" | "elasticnet" | null;
  /** The penalty's strength, which also sets the "optimal" steps; 0.0001 where absent. */
  readonly alpha: number;
  /** Of "elasticnet": the share of the penalty on magnitudes, 0 to 1; 0.15 where absent. */
  readonly l1Ratio: number;
  /** Whether there is an intercept, which is not penalised; true where absent. */
  readonly fitIntercept: boolean;
  /** The most epochs; 1000 where absent. */
  readonly maxIter: number;
  /** An epoch that gains less has gained nothing; 0.001 where absent. */
  readonly tol: number;
  /** The epochs without a gain after which the fit ends; 5 where absent. */
  readonly nIterNoChange: number;
  /** Whether rows come in another order in each epoch; true where absent. */
  readonly shuffle: boolean;
  /** Of the insensitive losses and `huber`; 0.1 where absent. */
  readonly epsilon: number;
  /** The seed of the order of rows; 0 where absent. */
  readonly seed: number;
  /** How steps shorten. */
  readonly learningRate: LearningRate;
  /** The first step of all schedules but "optimal"; 0.01 where absent. */
  readonly eta0: number;
  /** Of "invscaling": steps are `eta0 / t ** powerT`. */
  readonly powerT: number;
  /** Whether a part of the rows tells when to end; false where absent. */
  readonly earlyStopping: boolean;
  /** That part; 0.1 where absent. */
  readonly validationFraction: number;
  /** Whether coefficients are averaged over the steps, or from which step on; false where absent. */
  readonly average: boolean | number;
}

/** Settings of {@link sgdClassifier}. */
export interface SgdClassifierSettings extends SgdSettings {
  /** "hinge" where absent: a linear support vector machine; "logLoss" is a logistic regression. */
  readonly loss: ClassLoss;
  /** How much rows of each class count; the same where absent. */
  readonly classWeight?: ClassWeight;
}

/** Settings of {@link sgdRegressor}. */
export interface SgdRegressorSettings extends SgdSettings {
  /** "squaredError" where absent. */
  readonly loss: RegressionLoss;
}

const defaults = {
  penalty: "l2",
  alpha: 1e-4,
  l1Ratio: 0.15,
  fitIntercept: true,
  maxIter: 1000,
  tol: 1e-3,
  nIterNoChange: 5,
  shuffle: true,
  epsilon: 0.1,
  seed: 0,
  eta0: 0.01,
  earlyStopping: false,
  validationFraction: 0.1,
  average: false,
} as const satisfies Partial<SgdSettings>;

/**
 * A linear classifier by stochastic gradient descent (scikit-learn's `SGDClassifier`): minimises the mean loss plus `alpha`
 * times the penalty, row by row; of more than two classes, each against the others. Scale the columns before it.
 */
export function sgdClassifier(
  settings: Partial<SgdClassifierSettings> = {},
): LinearClassifier<SgdClassifierSettings> {
  return classifier<SgdClassifierSettings>(
    {
      kind: "sgdClassifier",
      link: ({ loss }) => linkOf(loss),
      check: (options) => {
        checkShared(options);
        requireOneOf("loss", options.loss, classLosses);
      },
      solve: fitClasses,
    },
    { ...defaults, loss: "hinge", learningRate: "optimal", powerT: 0.5, ...settings },
  );
}

/**
 * A linear regression by stochastic gradient descent (scikit-learn's `SGDRegressor`): minimises the mean loss plus `alpha`
 * times the penalty, row by row. Scale the columns before it.
 */
export function sgdRegressor(
  settings: Partial<SgdRegressorSettings> = {},
): LinearRegressor<SgdRegressorSettings> {
  return regressor<SgdRegressorSettings>(
    {
      kind: "sgdRegressor",
      link: "identity",
      check: (options) => {
        checkShared(options);
        requireOneOf("loss", options.loss, regressionLosses);
      },
      solve: fitNumbers,
    },
    { ...defaults, loss: "squaredError", learningRate: "invscaling", powerT: 0.25, ...settings },
  );
}

function checkShared(settings: SgdSettings): void {
  requireOneOf("penalty", settings.penalty, ["l2", "l1", "elasticnet", null]);
  requireOneOf("learningRate", settings.learningRate, learningRates);
  requireNotNegative("alpha", settings.alpha);
  if (settings.learningRate === "optimal") requirePositive("alpha", settings.alpha);
  requireShare("l1Ratio", settings.l1Ratio);
  requireCount("maxIter", settings.maxIter);
  requireNotNegative("tol", settings.tol);
  requireCount("nIterNoChange", settings.nIterNoChange);
  requireNotNegative("epsilon", settings.epsilon);
  requirePositive("eta0", settings.eta0);
  requireNotNegative("powerT", settings.powerT);
  requireIndex("average", Number(settings.average));
  if (!(settings.validationFraction > 0 && settings.validationFraction < 1))
    throw new InvalidInputError(
      `validationFraction must be above 0 and below 1, not ${settings.validationFraction}`,
    );
}

async function fitClasses(
  { matrix, classes, weights: given, turns }: ClassProblem,
  settings: SgdClassifierSettings,
): Promise<LinearFit> {
  const factors = classFactors(settings.classWeight, given, classes);
  return oneVersusRest(classes, async (target, place) => {
    const weights = weighRows(given, factorsAgainstRest(factors, place), classes);
    const loss = descentLoss(settings.loss, settings.epsilon);
    return fit("sgdClassifier", { matrix, target, weights, loss, turns }, settings, accuracyOf);
  });
}

async function fitNumbers(
  { matrix, target, weights, turns }: RegressionProblem,
  settings: SgdRegressorSettings,
): Promise<LinearFit> {
  const loss = descentLoss(settings.loss, settings.epsilon);
  return fit("sgdRegressor", { matrix, target, weights, loss, turns }, settings, determinationOf);
}

type Score = (margins: Float64Array, target: Float64Array) => number;

async function fit(
  kind: string,
  problem: Omit<DescentProblem, "held" | "score" | "onEpoch">,
  settings: SgdSettings,
  scoreOf: Score,
): Promise<LinearFit> {
  const { matrix, target } = problem;
  const held = settings.earlyStopping ? heldRows(target, settings) : undefined;
  const width = matrix.columns.length;
  const places = Uint32Array.from(held?.keys() ?? []).filter((row) => held?.[row] === 1);
  const rows = new Float64Array(places.length * width);
  for (const [place, row] of places.entries())
    rows.set(matrix.data.subarray(row * width, (row + 1) * width), place * width);
  const goals = Float64Array.from(places, (row) => target[row] ?? 0);
  using progress = new FitProgress(kind, settings.maxIter);
  const { at, iterations, converged } = await descendStochastically(
    {
      ...problem,
      held,
      score: (coefficients) => scoreOf(marginsOf(unpacked(coefficients, 1), rows), goals),
      onEpoch: (epochs, loss) => progress.report(epochs, `objective ${loss.toPrecision(4)}`),
    },
    { ...settings, l1Ratio: shareOf(settings), average: Number(settings.average) },
  );
  return { ...unpacked(at, 1), iterations, converged };
}

function shareOf({ penalty, l1Ratio }: SgdSettings): number | undefined {
  if (penalty === null) return undefined;
  return { l2: 0, l1: 1, elasticnet: l1Ratio }[penalty];
}

/** 1 for the rows that tell when to end: a share of each class where the target is one of classes. */
function heldRows(target: Float64Array | Int8Array, { validationFraction, seed }: SgdSettings): Uint8Array {
  const held = new Uint8Array(target.length);
  const random = new Random(seed);
  const groups = target instanceof Int8Array ? [1, -1] : [undefined];
  for (const group of groups) {
    const rows = Uint32Array.from(target.keys()).filter(
      (row) => group === undefined || target[row] === group,
    );
    random.shuffle(rows);
    const count = Math.round(rows.length * validationFraction);
    for (const row of rows.subarray(0, count)) held[row] = 1;
  }
  const count = held.reduce((sum, each) => sum + each, 0);
  if (count === 0 || count === target.length)
    throw new InvalidInputError(
      `of ${target.length} rows, ${count} would tell when to end: change validationFraction or earlyStopping`,
    );
  return held;
}

function accuracyOf(margins: Float64Array, target: Float64Array): number {
  const right = margins.filter((margin, row) => margin > 0 === (target[row] ?? 0) > 0);
  return right.length / target.length;
}

function determinationOf(margins: Float64Array, target: Float64Array): number {
  const mean = target.reduce((sum, value) => sum + value, 0) / target.length;
  let rest = 0;
  let all = 0;
  for (const [row, value] of target.entries()) {
    rest += (value - (margins[row] ?? 0)) ** 2;
    all += (value - mean) ** 2;
  }
  return all === 0 ? Number(rest === 0) : 1 - rest / all;
}

/** @file Logistic regression of two and of several classes. */
import { InvalidInputError } from "../errors.ts";
import { requireCount, requirePositive } from "../settings.ts";
import type { ClassCodes } from "../target.ts";
import { classifier, type ClassProblem, type LinearClassifier } from "./estimators.ts";
import type { LinearFit } from "./linear-function.ts";
import { logisticLoss, softmaxLoss } from "./losses/class-losses.ts";
import { requireShare } from "./linear-regression.ts";
import { classFactors, weighRows, type ClassWeight } from "./row-class-weights.ts";
import { fitSmooth, totalWeight, type IterationSettings } from "./smooth-fit.ts";
import { fitSparse } from "./sparse-fit.ts";

/** The penalties of {@link logisticRegression}. */
export const logisticPenalties = ["l2", "l1", "elasticnet", "none"] as const;

/** Settings of {@link logisticRegression}. */
export interface LogisticRegressionSettings extends IterationSettings {
  /** On squared coefficients, on their magnitudes, on both, or none; "l2" where absent. */
  readonly penalty: (typeof logisticPenalties)[number];
  /** The inverse of the penalty's strength; 1 where absent. */
  readonly c: number;
  /** Of "elasticnet": the share of the penalty on magnitudes, 0 to 1; 0.5 where absent. */
  readonly l1Ratio: number;
  /** Whether there is an intercept, which is not penalised; true where absent. */
  readonly fitIntercept: boolean;
  /** How much rows of each class count; the same where absent. */
  readonly classWeight?: ClassWeight;
}

/**
 * Logistic regression (scikit-learn's `LogisticRegression`): minimises `c Σ weight · loss + penalty`, where the loss is
 * the logistic one for two classes and the cross-entropy of the softmax for more, and the penalty is `½ |w|²`, `|w|₁` or
 * `l1Ratio |w|₁ + (1 - l1Ratio) / 2 |w|²`. Scale the columns before it.
 */
export function logisticRegression(
  settings: Partial<LogisticRegressionSettings> = {},
): LinearClassifier<LogisticRegressionSettings> {
  return classifier<LogisticRegressionSettings>(
    {
      kind: "logisticRegression",
      link: (_, classes) => (classes === 2 ? "sigmoid" : "softmax"),
      check: ({ penalty, c, l1Ratio, tol, maxIter }) => {
        if (!logisticPenalties.includes(penalty))
          throw new InvalidInputError(
            `penalty must be one of ${logisticPenalties.join(", ")}, not ${String(penalty)}`,
          );
        requirePositive("c", c);
        requireShare("l1Ratio", l1Ratio);
        requirePositive("tol", tol);
        requireCount("maxIter", maxIter);
      },
      solve: fit,
    },
    { penalty: "l2", c: 1, l1Ratio: 0.5, fitIntercept: true, tol: 1e-4, maxIter: 100, ...settings },
  );
}

async function fit(
  { matrix, classes, weights: given, turns }: ClassProblem,
  { penalty, c, l1Ratio, fitIntercept, classWeight, tol, maxIter }: LogisticRegressionSettings,
): Promise<LinearFit> {
  const weights = weighRows(given, classFactors(classWeight, given, classes), classes);
  const total = totalWeight(weights, matrix.rows);
  const count = classes.classes.length;
  const loss =
    count === 2 ? logisticLoss(classes.codes, 1, weights) : softmaxLoss(classes.codes, count, weights);
  const sparse = { l2: 0, l1: 1, elasticnet: l1Ratio, none: 0 }[penalty];
  const strength = penalty === "none" ? 0 : 1 / (c * total);
  const problem = {
    kind: "logisticRegression",
    matrix,
    loss,
    total,
    penalty: strength * (1 - sparse),
    interceptPenalty: fitIntercept ? 0 : undefined,
    start: startOf(classes, weights, total),
    turns,
  };
  const found =
    sparse === 0
      ? await fitSmooth(problem, { tol, maxIter })
      : await fitSparse({ ...problem, magnitudePenalty: strength * sparse }, { tol, maxIter });
  return count === 2 ? found : centred(found, penalty === "none");
}

/** The intercepts that fit without any column. */
function startOf(
  { classes, codes }: ClassCodes,
  weights: Float64Array | undefined,
  total: number,
): readonly number[] {
  const shares = new Float64Array(classes.length);
  for (const [row, code] of codes.entries())
    shares[code] = (shares[code] ?? 0) + (weights?.[row] ?? 1) / total;
  // A class whose rows don't count would start at minus infinity.
  const logs = Array.from(shares, (share) => Math.log(Math.max(share, 1e-6)));
  const [first = 0, second = 0] = logs;
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  return classes.length === 2 ? [second - first] : logs.map((value) => value - mean);
}

/**
 * The softmax is the same when all classes' intercepts move together, and coefficients without a penalty: those that sum to
 * 0 over the classes, as scikit-learn's do.
 */
function centred(fit: LinearFit, isFree: boolean): LinearFit {
  const intercepts = lessMean(fit.intercepts, 1);
  const width = fit.coefficients.length / intercepts.length;
  return { ...fit, intercepts, coefficients: isFree ? lessMean(fit.coefficients, width) : fit.coefficients };
}

/** Numbers less the mean over the classes of those at the same place of `width`. */
function lessMean(values: Float64Array, width: number): Float64Array {
  const means = new Float64Array(width);
  const classes = values.length / width;
  for (const [at, value] of values.entries())
    means[at % width] = (means[at % width] ?? 0) + value / classes;
  return values.map((value, at) => value - (means[at % width] ?? 0));
}

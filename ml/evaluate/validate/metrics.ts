/** @file Measures by name, as cross-validation takes them: what each is computed of, and which way is better. */
import type { ClassLabel } from "../../estimator.ts";
import {
  accuracy,
  averagePrecision,
  balancedAccuracy,
  cohenKappa,
  f1Score,
  matthewsCorrelation,
  multiclassBrierScore,
  multiclassLogLoss,
  multiclassRocAuc,
  precision,
  recall,
  type Average,
} from "../classes/index.ts";
import {
  explainedVariance,
  maxError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanGammaDeviance,
  meanPoissonDeviance,
  meanSquaredError,
  meanSquaredLogError,
  medianAbsoluteError,
  r2Score,
  rootMeanSquaredError,
} from "../numbers/index.ts";
import { brierScore } from "../probabilities.ts";
import { rocAuc } from "../roc.ts";
import type { WeightOptions } from "../weights.ts";

/** What a classifier said of rows, beside what happened. */
export interface ClassificationRows {
  readonly truth: readonly ClassLabel[];
  readonly predicted: readonly ClassLabel[];
  /** Row-major, a column for each class. */
  readonly probabilities: Float64Array;
  /** All classes of the target, in ascending order; of two, the second is the positive one. */
  readonly classes: readonly ClassLabel[];
  readonly weights?: Float64Array;
}

/** The numbers that a regression said of rows, beside what happened. */
export interface RegressionRows {
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
  readonly weights?: Float64Array;
}

/** A measure of rows. */
export interface Metric<Rows> {
  readonly score: (rows: Rows) => number;
  /** Whether more is better. */
  readonly greaterIsBetter: boolean;
}

const ofClasses =
  (
    score: (truth: readonly ClassLabel[], predicted: readonly ClassLabel[], options: WeightOptions) => number,
  ) =>
  ({ truth, predicted, ...rows }: ClassificationRows): number =>
    score(truth, predicted, weightsOf(rows));

const averaged =
  (score: typeof precision, average?: Average) =>
  ({ truth, predicted, classes, ...rows }: ClassificationRows): number => {
    const positive = classes[1] ?? 1;
    return score(truth, predicted, { ...weightsOf(rows), ...(average ? { average } : { positive }) });
  };

const weightsOf = ({ weights }: { readonly weights?: Float64Array }): WeightOptions =>
  weights ? { weights } : {};

/** The labels and scores of the positive class of two. */
function binary({ truth, probabilities, classes }: ClassificationRows): readonly [Uint8Array, Float64Array] {
  return [
    Uint8Array.from(truth, (label) => (label === classes[1] ? 1 : 0)),
    Float64Array.from(truth, (_, row) => probabilities[2 * row + 1] ?? 0),
  ];
}

/** Of two classes the measure of the second, of more the one for several. */
const ofProbabilities =
  (
    two: (labels: Uint8Array, scores: Float64Array, options: WeightOptions) => number,
    several: (
      truth: readonly ClassLabel[],
      probabilities: Float64Array,
      options: WeightOptions & { readonly classes: readonly ClassLabel[] },
    ) => number,
  ) =>
  (rows: ClassificationRows): number =>
    rows.classes.length === 2
      ? two(...binary(rows), weightsOf(rows))
      : several(rows.truth, rows.probabilities, { ...weightsOf(rows), classes: rows.classes });

const severalPrecision = (
  truth: readonly ClassLabel[],
  probabilities: Float64Array,
  { classes, ...options }: WeightOptions & { readonly classes: readonly ClassLabel[] },
): number => {
  const areas = classes.map((label, code) =>
    averagePrecision(
      Uint8Array.from(truth, (each) => (each === label ? 1 : 0)),
      Float64Array.from(truth, (_, row) => probabilities[row * classes.length + code] ?? 0),
      options,
    ),
  );
  return areas.reduce((sum, area) => sum + area, 0) / areas.length;
};

/** Measures of classifications. Those without an average look at the second of two classes. */
export const classificationMetrics = {
  accuracy: { score: ofClasses(accuracy), greaterIsBetter: true },
  balancedAccuracy: { score: ofClasses(balancedAccuracy), greaterIsBetter: true },
  precision: { score: averaged(precision), greaterIsBetter: true },
  precisionMacro: { score: averaged(precision, "macro"), greaterIsBetter: true },
  recall: { score: averaged(recall), greaterIsBetter: true },
  recallMacro: { score: averaged(recall, "macro"), greaterIsBetter: true },
  f1: { score: averaged(f1Score), greaterIsBetter: true },
  f1Macro: { score: averaged(f1Score, "macro"), greaterIsBetter: true },
  f1Weighted: { score: averaged(f1Score, "weighted"), greaterIsBetter: true },
  matthewsCorrelation: { score: ofClasses(matthewsCorrelation), greaterIsBetter: true },
  cohenKappa: { score: ofClasses(cohenKappa), greaterIsBetter: true },
  /** Of more than two classes the mean of each against the others. */
  rocAuc: { score: ofProbabilities(rocAuc, multiclassRocAuc), greaterIsBetter: true },
  /** Of more than two classes the mean of each against the others. */
  averagePrecision: { score: ofProbabilities(averagePrecision, severalPrecision), greaterIsBetter: true },
  logLoss: {
    score: ({ truth, probabilities, classes, ...rows }) =>
      multiclassLogLoss(truth, probabilities, { ...weightsOf(rows), classes }),
    greaterIsBetter: false,
  },
  brierScore: { score: ofProbabilities(brierScore, multiclassBrierScore), greaterIsBetter: false },
} as const satisfies Readonly<Record<string, Metric<ClassificationRows>>>;

/** The name of a measure of classifications. */
export type ClassificationMetricName = keyof typeof classificationMetrics;

const ofNumbers =
  (score: typeof r2Score) =>
  ({ truth, predicted, ...rows }: RegressionRows): number =>
    score(truth, predicted, weightsOf(rows));

/** Measures of regressions. */
export const regressionMetrics = {
  r2: { score: ofNumbers(r2Score), greaterIsBetter: true },
  explainedVariance: { score: ofNumbers(explainedVariance), greaterIsBetter: true },
  meanAbsoluteError: { score: ofNumbers(meanAbsoluteError), greaterIsBetter: false },
  meanSquaredError: { score: ofNumbers(meanSquaredError), greaterIsBetter: false },
  rootMeanSquaredError: { score: ofNumbers(rootMeanSquaredError), greaterIsBetter: false },
  meanSquaredLogError: { score: ofNumbers(meanSquaredLogError), greaterIsBetter: false },
  meanAbsolutePercentageError: { score: ofNumbers(meanAbsolutePercentageError), greaterIsBetter: false },
  medianAbsoluteError: { score: ofNumbers(medianAbsoluteError), greaterIsBetter: false },
  maxError: { score: ({ truth, predicted }) => maxError(truth, predicted), greaterIsBetter: false },
  meanPoissonDeviance: { score: ofNumbers(meanPoissonDeviance), greaterIsBetter: false },
  meanGammaDeviance: { score: ofNumbers(meanGammaDeviance), greaterIsBetter: false },
} as const satisfies Readonly<Record<string, Metric<RegressionRows>>>;

/** The name of a measure of regressions. */
export type RegressionMetricName = keyof typeof regressionMetrics;

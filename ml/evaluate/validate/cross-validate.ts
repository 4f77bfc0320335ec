/** @file Cross-validation of estimators on a matrix. */
import type { DenseMatrix } from "../../dense-matrix.ts";
import { InvalidInputError } from "../../errors.ts";
import type { Classifier, Regressor } from "../../estimator.ts";
import { numericTarget, type ClassTarget, type NumericTarget } from "../../target.ts";
import {
  stratifiedKFold,
  kFold,
  type RowsToSplit,
  type Spans,
  type Split,
  type Splitter,
} from "../splits/index.ts";
import type { Weights } from "../weights.ts";
import { classificationScorers, type ClassPrediction } from "./classification-scorers.ts";
import type { CrossValidation } from "./cross-validation.ts";
import { fitOfClassifier, fitOfRegressor } from "./fit-rows.ts";
import { namedMetrics, type Metrics } from "./named-metrics.ts";
import {
  classificationMetrics,
  regressionMetrics,
  type ClassificationMetricName,
  type ClassificationRows,
  type RegressionMetricName,
  type RegressionRows,
} from "./metrics.ts";
import { regressionScorers } from "./regression-scorers.ts";
import { scoreSplits, type FitRows, type Scorers, type ScoreSplitsOptions } from "./score-splits.ts";

/** Settings of a cross-validation. */
export interface ValidateOptions extends ScoreSplitsOptions {
  /** How rows are split; in 5 parts, stratified for classes, where absent. */
  readonly split?: Splitter;
  /** How much each row counts, in fits and in measures. */
  readonly weights?: Weights;
  /** A group for each row, for a split that tears none apart. */
  readonly groups?: ClassTarget;
  /** For a split that purges overlapping rows. */
  readonly spans?: Spans;
}

/** Settings of a cross-validation with its measures. */
export interface CrossValidateOptions<Name extends string, Rows> extends ValidateOptions {
  /** What is measured; the accuracy of a classifier and R² of a regressor where absent. */
  readonly metrics?: Metrics<Name, Rows>;
}

/**
 * Fits an estimator on the training rows of each split and measures it on the test rows. As scikit-learn's `cross_validate`,
 * but that errors are errors: losses and errors are not negated.
 * @throws {@link InvalidInputError} where rows and target are not as many, the split can't be made, a measure has no value
 * @example await crossValidate(ridge(), matrix, prices, { split: kFold({ splits: 10 }), metrics: ["r2", "meanAbsoluteError"] })
 */
export async function crossValidate<const Name extends string = "accuracy">(
  estimator: Classifier,
  rows: DenseMatrix,
  target: ClassTarget,
  options?: CrossValidateOptions<Name, ClassificationRows> & NamesOf<Name, ClassificationMetricName>,
): Promise<CrossValidation<Name, ClassPrediction>>;
export async function crossValidate<const Name extends string = "r2">(
  estimator: Regressor,
  rows: DenseMatrix,
  target: NumericTarget,
  options?: CrossValidateOptions<Name, RegressionRows> & NamesOf<Name, RegressionMetricName>,
): Promise<CrossValidation<Name, Float64Array>>;
export async function crossValidate(
  estimator: Classifier | Regressor,
  rows: DenseMatrix,
  target: ClassTarget,
  options: AnyOptions = {},
): Promise<CrossValidation> {
  const validation = validationOf(estimator, rows, target, options);
  return await validation.run(validation.fit, validation.splits);
}

/** Names of measures that there are, where they are listed. */
type NamesOf<Name extends string, Known extends string> = {
  readonly metrics?: readonly (Name & Known)[] | Readonly<Record<Name, unknown>>;
};

// A function of the rows of one kind is never given those of the other.
type AnyOptions = CrossValidateOptions<string, never>;

/** A cross-validation that is ready to run. */
export interface Validation {
  readonly splits: Iterable<Split>;
  readonly fit: FitRows<unknown>;
  readonly run: (
    fit: FitRows<unknown>,
    splits: Iterable<Split>,
    options?: ScoreSplitsOptions,
  ) => Promise<CrossValidation>;
  /** The fit of the same estimator with another setting. */
  readonly fitWith: (changes: object) => FitRows<unknown>;
}

/** What an estimator, rows, target and settings make. */
export function validationOf(
  estimator: Classifier | Regressor,
  matrix: DenseMatrix,
  target: ClassTarget,
  options: AnyOptions,
): Validation {
  const rows = matrix.rows;
  if (target.length !== rows)
    throw new InvalidInputError(
      `the target has ${target.length} rows and the matrix has ${rows}: they must be equal`,
    );
  const { split, groups, spans, weights, metrics, signal, returnTrainScore, onFold } = options;
  const toSplit: RowsToSplit = { rows, target, ...(groups && { groups }), ...(spans && { spans }) };
  const settings: ScoreSplitsOptions = {
    ...(signal && { signal }),
    ...(returnTrainScore !== undefined && { returnTrainScore }),
    ...(onFold && { onFold }),
  };
  if (estimator.task === "classification") {
    const scorers = classificationScorers(
      target,
      namedMetrics(metrics ?? ["accuracy"], classificationMetrics),
      weights,
    );
    const fitWith = (changes: object) => fitOfClassifier(estimator.with(changes), matrix, target, weights);
    return {
      splits: (split ?? stratifiedKFold()).split(toSplit),
      fit: fitOfClassifier(estimator, matrix, target, weights),
      fitWith,
      run: runnerOf(scorers, settings),
    };
  }
  const numbers = numericTarget(target);
  const scorers = regressionScorers(numbers, namedMetrics(metrics ?? ["r2"], regressionMetrics), weights);
  const fitWith = (changes: object) => fitOfRegressor(estimator.with(changes), matrix, numbers, weights);
  return {
    splits: (split ?? kFold()).split(toSplit),
    fit: fitOfRegressor(estimator, matrix, numbers, weights),
    fitWith,
    run: runnerOf(scorers, settings),
  };
}

function runnerOf<Prediction>(
  scorers: Scorers<string, Prediction>,
  settings: ScoreSplitsOptions,
): Validation["run"] {
  return async (fit, splits, changes = {}) =>
    // SAFETY: fits and scorers were made for the same kind of estimator.
    await scoreSplits(fit as FitRows<Prediction>, splits, scorers, { ...settings, ...changes });
}

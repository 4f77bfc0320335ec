/** @file Choice and judgement on different rows: the honest score of an estimator whose settings were chosen by scores. */
import type { DenseMatrix } from "../../dense-matrix.ts";
import { InvalidInputError } from "../../errors.ts";
import type { Classifier, Regressor } from "../../estimator.ts";
import { observed } from "../../fit-observer.ts";
import type { ClassTarget, NumericTarget } from "../../target.ts";
import { kFold, nestedSplits, stratifiedKFold, type RowsToSplit, type Splitter } from "../splits/index.ts";
import { validationOf, type ValidateOptions } from "./cross-validate.ts";
import type { CrossValidation, Fold } from "./cross-validation.ts";
import {
  classificationMetrics,
  regressionMetrics,
  type ClassificationMetricName,
  type RegressionMetricName,
} from "./metrics.ts";

/** Settings of a nested cross-validation. */
export interface NestedOptions<Metric> extends Omit<ValidateOptions, "split" | "returnTrainScore"> {
  /** By which the best is chosen and judged; the accuracy of classifiers and R² of regressors where absent. */
  readonly metric?: Metric;
  /** The splits that judge; 5 parts, stratified for classes, where absent. */
  readonly outer?: Splitter;
  /** The splits of their training rows, by which is chosen; likewise. */
  readonly inner?: Splitter;
}

/** An outer split, what was chosen on its training rows, and how that did on its test rows. */
export interface NestedFold {
  /** The place of the chosen estimator among the candidates. */
  readonly chosen: number;
  /** Each candidate's mean over the inner splits. */
  readonly innerMeans: readonly number[];
  /** The chosen estimator, fitted on the outer training rows, on the outer test rows. */
  readonly fold: Fold;
  readonly score: number;
}

/** What a nested cross-validation found. */
export interface NestedValidation {
  readonly folds: readonly NestedFold[];
  /** The mean score of what was chosen: what to expect of choosing like this. */
  readonly mean: number;
}

/**
 * Nested cross-validation (Cawley and Talbot, 2010): in each outer split the candidate with the best mean over the inner
 * splits is fitted on all outer training rows and measured on the outer test rows. Of equally good ones the first is chosen.
 * @throws {@link InvalidInputError} for no candidates; as cross-validation
 */
export async function nestedCrossValidate(
  candidates: readonly Classifier[],
  rows: DenseMatrix,
  target: ClassTarget,
  options?: NestedOptions<ClassificationMetricName>,
): Promise<NestedValidation>;
export async function nestedCrossValidate(
  candidates: readonly Regressor[],
  rows: DenseMatrix,
  target: NumericTarget,
  options?: NestedOptions<RegressionMetricName>,
): Promise<NestedValidation>;
export async function nestedCrossValidate(
  candidates: readonly (Classifier | Regressor)[],
  rows: DenseMatrix,
  target: ClassTarget,
  options: NestedOptions<ClassificationMetricName | RegressionMetricName> = {},
): Promise<NestedValidation> {
  return await observed(
    () => ({ type: "validation", name: "nestedCrossValidation", parameters: { metric: options.metric } }),
    async () => await chooseAndJudge(candidates, rows, target, options),
  );
}

async function chooseAndJudge(
  candidates: readonly (Classifier | Regressor)[],
  rows: DenseMatrix,
  target: ClassTarget,
  { metric, outer, inner, ...options }: NestedOptions<ClassificationMetricName | RegressionMetricName>,
): Promise<NestedValidation> {
  const [first] = candidates;
  if (!first) throw new InvalidInputError("there are no candidates to choose from");
  const isClassification = first.task === "classification";
  const name = metric ?? (isClassification ? "accuracy" : "r2");
  const sign = isGreaterBetter(name) ? 1 : -1;
  const split = isClassification ? stratifiedKFold() : kFold();
  const validations = candidates.map((candidate) =>
    validationOf(candidate, rows, target, { ...options, metrics: [name] }),
  );
  const { groups, spans } = options;
  const all: RowsToSplit = { rows: rows.rows, target, ...(groups && { groups }), ...(spans && { spans }) };
  const folds: NestedFold[] = [];
  for (const { train, test, inner: within } of nestedSplits(outer ?? split, inner ?? split, all)) {
    const innerMeans: number[] = [];
    for (const validation of validations)
      innerMeans.push(meanOf(await validation.run(validation.fit, within)));
    const scores = innerMeans.map((mean) => sign * mean);
    const chosen = scores.indexOf(Math.max(...scores));
    const best = validations[chosen] ?? validations[0];
    const judged = await best?.run(best.fit, [{ train, test }]);
    const fold = judged?.folds[0];
    if (!judged || !fold) throw new InvalidInputError(`the candidates' ${name} is ${innerMeans.join(", ")}`);
    folds.push({ chosen, innerMeans, fold, score: meanOf(judged) });
  }
  return { folds, mean: folds.reduce((sum, { score }) => sum + score, 0) / folds.length };
}

function meanOf(validation: CrossValidation): number {
  const [name = ""] = validation.names;
  return validation.mean(name);
}

function isGreaterBetter(name: string): boolean {
  const known: Readonly<Record<string, { readonly greaterIsBetter: boolean }>> = {
    ...classificationMetrics,
    ...regressionMetrics,
  };
  return known[name]?.greaterIsBetter ?? true;
}

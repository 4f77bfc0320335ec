/** @file How well a fitted model says what it has learnt from. */
import type { DenseMatrix } from "../../dense-matrix.ts";
import type { ClassificationModel, RegressionModel } from "../../estimator.ts";
import { classificationMetrics, regressionMetrics } from "../../evaluate/index.ts";
import { matrixRows } from "../../row-selection.ts";

/** Of larger data so many rows at equal distances are predicted. */
export const mostMeasuredRows = 2_000;

type Scores = Readonly<Record<string, number>>;

/**
 * Measures of a model on the rows that it learnt from: `training_r2`, `training_meanAbsoluteError` and
 * `training_rootMeanSquaredError` of numbers, `training_accuracy` and `training_logLoss` of classes; none for other models. They
 * flatter: what a model is worth, other rows tell.
 */
export async function trainingMetrics(model: unknown, rows: unknown, target: unknown): Promise<Scores> {
  if (!isMatrix(rows) || !isTarget(target) || target.length !== rows.rows) return {};
  const count = Math.min(rows.rows, mostMeasuredRows);
  const places = Uint32Array.from({ length: count }, (_, at) => Math.floor((at * rows.rows) / count));
  const part = matrixRows(rows, places);
  if (isModel(model, "regression")) {
    // SAFETY: what says that it is a regression predicts numbers.
    const predicted = await (model as RegressionModel).predict(part);
    const pairs = { truth: Float64Array.from(places, (row) => Number(target[row])), predicted };
    return scored(["r2", "meanAbsoluteError", "rootMeanSquaredError"], (name) =>
      regressionMetrics[name].score(pairs),
    );
  }
  if (isModel(model, "classification")) {
    // SAFETY: what says that it is a classification predicts classes.
    const classifier = model as ClassificationModel;
    const labelled = {
      truth: Array.from(places, (row) => target[row] ?? 0),
      predicted: await classifier.predict(part),
      probabilities: await classifier.predictProbabilities(part),
      classes: classifier.classes,
    };
    return scored(["accuracy", "logLoss"], (name) => classificationMetrics[name].score(labelled));
  }
  return {};
}

/** The scores that there are: one may have no value on these rows. */
function scored<Name extends string>(names: readonly Name[], score: (name: Name) => number): Scores {
  const scores: Record<string, number> = {};
  for (const name of names)
    try {
      scores[`training_${name}`] = score(name);
    } catch {
      continue;
    }
  return scores;
}

function isModel(value: unknown, task: string): boolean {
  const { task: found, predict } = Object(value) as { readonly task?: unknown; readonly predict?: unknown };
  return found === task && typeof predict === "function";
}

function isMatrix(value: unknown): value is DenseMatrix {
  const { data, rows, columns } = Object(value) as Partial<Record<keyof DenseMatrix, unknown>>;
  return (
    (data instanceof Float32Array || data instanceof Float64Array) &&
    typeof rows === "number" &&
    Array.isArray(columns)
  );
}

function isTarget(value: unknown): value is ArrayLike<string | number | boolean> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

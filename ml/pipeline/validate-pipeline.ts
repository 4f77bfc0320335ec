/**
 * @file Cross-validation of pipelines on tables: the features are fitted within each split too, so that nothing of a test row
 * is known in training.
 */
import { keepRows } from "../data/kept-rows.ts";
import type { Table } from "../data/table.ts";
import type { TableSource } from "../data/table-source.ts";
import {
  classificationMetrics,
  classificationScorers,
  kFold,
  namedMetrics,
  regressionMetrics,
  regressionScorers,
  scoreSplits,
  stratifiedKFold,
  type CrossValidation,
  type FitRows,
  type Metrics,
  type Scorers,
  type ScoreSplitsOptions,
  type Splitter,
} from "../evaluate/index.ts";
import { numericTarget } from "../target.ts";
import type { FittedPipeline } from "./fitted-pipeline.ts";
import { readTarget } from "./read-target.ts";

/** Settings of a pipeline's cross-validation. */
export interface ValidateTableOptions extends ScoreSplitsOptions {
  /** The column that is to be predicted. */
  readonly target: string;
  /** How rows are split; in 5 parts, stratified for classes, where absent. */
  readonly split?: Splitter;
  /** The column that says how much each row counts, in fits and in measures. */
  readonly weights?: string;
  /** A column of groups, for a split that tears none apart. */
  readonly groups?: string;
}

/** What is to be validated. */
export interface TableEstimator {
  readonly task: "regression" | "classification";
  fit(table: Table, options: { readonly signal?: AbortSignal }): Promise<FittedPipeline>;
}

/** Fits and measures on the splits of a table's rows, which are kept in memory meanwhile. */
export async function validateOnTable(
  estimator: TableEstimator,
  table: TableSource,
  metrics: Metrics<string, never> | undefined,
  { target: name, split, weights: weightColumn, groups: groupColumn, ...options }: ValidateTableOptions,
): Promise<CrossValidation> {
  await using kept = await keepRows(table);
  const target = await readTarget(kept.all, name);
  const weights =
    weightColumn === undefined ? undefined : numericTarget(await readTarget(kept.all, weightColumn));
  const groups = groupColumn === undefined ? undefined : await readTarget(kept.all, groupColumn);
  const rows = { rows: target.length, target, ...(groups && { groups }) };
  const run = async <Prediction>(
    scorers: Scorers<string, Prediction>,
    splitter: Splitter,
    predict: (fitted: FittedPipeline, part: Table) => Promise<Prediction>,
  ): Promise<CrossValidation> => {
    const fit: FitRows<Prediction> = async (train, signal) => {
      const fitted = await kept.with(
        train,
        async (part) => await estimator.fit(part, signal === undefined ? {} : { signal }),
      );
      return async (test) => await kept.with(test, async (part) => await predict(fitted, part));
    };
    return await scoreSplits(fit, splitter.split(rows), scorers, options);
  };
  const counted = weights && Float64Array.from(weights);
  return estimator.task === "classification"
    ? await run(
        classificationScorers(target, namedMetrics(metrics ?? ["accuracy"], classificationMetrics), counted),
        split ?? stratifiedKFold(),
        predictClasses,
      )
    : await run(
        regressionScorers(numericTarget(target), namedMetrics(metrics ?? ["r2"], regressionMetrics), counted),
        split ?? kFold(),
        predictNumbers,
      );
}

async function predictClasses(fitted: FittedPipeline, part: Table) {
  if (fitted.task !== "classification") throw new TypeError("a classifier gave a regression");
  const matrix = await fitted.features.transform(part);
  return {
    classes: fitted.classes,
    predicted: await fitted.model.predict(matrix),
    probabilities: await fitted.model.predictProbabilities(matrix),
  };
}

async function predictNumbers(fitted: FittedPipeline, part: Table): Promise<Float64Array> {
  if (fitted.task !== "regression") throw new TypeError("a regressor gave a classification");
  return await fitted.predict(part);
}

/** @file Features and a model as one estimator of tables. */
import type { ColumnType, TableColumns } from "../data/column-types.ts";
import type { Table } from "../data/table.ts";
import type { TableSource } from "../data/table-source.ts";
import { InvalidInputError } from "../errors.ts";
import { observed } from "../fit-observer.ts";
import type { ClassificationMetricName, CrossValidation, RegressionMetricName } from "../evaluate/index.ts";
import type {
  ClassificationModel,
  Classifier,
  FitOptions,
  RegressionModel,
  Regressor,
} from "../estimator.ts";
import type { CheckedRoutes, Features, Routes } from "../features/index.ts";
import type { MimeBundle } from "../notebook-host.ts";
import { numericTarget } from "../target.ts";
import {
  FittedClassificationPipeline,
  FittedRegressionPipeline,
  type FittedPipeline,
} from "./fitted-pipeline.ts";
import { pipelineBundle } from "./pipeline-diagram.ts";
import { asClasses, labelledRows, targetType } from "./read-target.ts";
import { validateOnTable, type ValidateTableOptions } from "./validate-pipeline.ts";

/** Any estimator that learns a target. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- unknown settings and options: any estimator fits
export type AnyEstimator = Regressor<any, any, any> | Classifier<any, any, any>;

/** The settings of an estimator. */
export type SettingsOf<E> = E extends { readonly settings: Readonly<infer Settings> } ? Settings : never;

/** What an estimator's fit takes beside rows, target and weights, which a pipeline reads from the table. */
type ModelOptionsOf<E> = E extends {
  fit(rows: never, target: never, options?: infer Options): unknown;
}
  ? Omit<NonNullable<Options>, keyof FitOptions | "validation">
  : never;

/** Whether an estimator can look at rows that it doesn't learn from, as for early stopping. */
type ValidationOf<E> = E extends {
  fit(rows: never, target: never, options?: infer Options): unknown;
}
  ? "validation" extends keyof NonNullable<Options>
    ? { readonly validation?: TableSource }
    : unknown
  : unknown;

/** Settings of a pipeline's fit. */
export interface PipelineFitOptions<Target extends string = string> {
  /** The column that is to be predicted. No feature may be made of it. */
  readonly target: Target;
  /** The column that says how much each row counts. */
  readonly weights?: string;
  /** Stops the fit, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}

/** The values of a column, as they are predicted. */
type ValueOf<Type extends ColumnType> = [ColumnType] extends [Type]
  ? string | number | boolean
  : Type extends "boolean"
    ? boolean
    : Type extends "string" | "uuid" | "json"
      ? string
      : number;

type ColumnsOf<T> = T extends Table<infer C> ? C : TableColumns;

/** The classes that a target column of a table has. */
export type ClassesOf<T, Target extends string> = Target extends keyof ColumnsOf<T>
  ? ValueOf<ColumnsOf<T>[Target]>
  : string | number | boolean;

/** What a pipeline becomes by its fit. */
export type FittedPipelineOf<E, T, Target extends string> =
  E extends Classifier<infer _S, infer _M, infer _O>
    ? FittedClassificationPipeline<ClassesOf<T, Target>>
    : FittedRegressionPipeline;

/** Features and a model that are not yet fitted; immutable. See {@link pipeline}. */
export class Pipeline<R extends Routes = Routes, E extends AnyEstimator = AnyEstimator> {
  readonly features: Features<R>;
  readonly model: E;

  /** @internal */
  constructor(features: Features<R>, model: E) {
    this.features = features;
    this.model = model;
  }

  /** The same features with a model of other settings. */
  with(settings: Partial<SettingsOf<E>>): Pipeline<R, E> {
    // SAFETY: an estimator gives its own kind.
    return new Pipeline(this.features, this.model.with(settings) as E);
  }

  /** In a notebook: the columns, what becomes of them, and the model. */
  [Symbol.for("Jupyter.display")](): MimeBundle {
    return pipelineBundle(this.features, this.model);
  }

  /**
   * Fits the features, then the model on the features of the table's rows. What looks at the target while it encodes
   * columns (target encoding) does so by cross-fitting, so that no row's features hold its own answer. A model that stops
   * early does so by the rows of the table `validation`.
   * @throws {@link InvalidInputError} for a target that isn't there, missing or infinite in a row, or among the features;
   * and what the features and the model refuse
   */
  async fit<T extends TableSource, const Target extends string>(
    table: T & CheckedRoutes<R, T, Target>,
    options: PipelineFitOptions<Target> & ModelOptionsOf<E> & ValidationOf<E>,
  ): Promise<FittedPipelineOf<E, T, Target>> {
    // SAFETY: a regressor gives a regression, a classifier a classification of the target's values.
    return (await this.#fit(table, options)) as FittedPipelineOf<E, T, Target>;
  }

  /**
   * Fits on the training rows of each split, features included, and measures on its test rows. The table's rows are kept
   * in memory meanwhile.
   * @throws as {@link fit}; {@link InvalidInputError} where the split can't be made, or a measure has no value
   * @example await risk.crossValidate(training, { target: "defaulted", metrics: ["rocAuc", "logLoss"] })
   */
  async crossValidate<
    T extends TableSource,
    const Target extends string,
    const Name extends MetricNameOf<E> = DefaultMetricOf<E>,
  >(
    table: T & CheckedRoutes<R, T, Target>,
    options: CrossValidateTableOptions<E, Target, Name> & ModelOptionsOf<E>,
  ): Promise<CrossValidation<Name>> {
    const { split, groups, metrics, returnTrainScore, onFold, ...fitOptions } = options;
    const { target, weights, signal } = options;
    const validate: ValidateTableOptions = {
      target,
      ...(split && { split }),
      ...(weights !== undefined && { weights }),
      ...(groups !== undefined && { groups }),
      ...(signal && { signal }),
      ...(returnTrainScore !== undefined && { returnTrainScore }),
      ...(onFold && { onFold }),
    };
    const estimator = {
      task: this.model.task,
      fit: async (part: Table, changes: { readonly signal?: AbortSignal }) =>
        await this.#fit(part, { ...fitOptions, ...changes }),
    };
    const found = await validateOnTable(estimator, table, metrics, validate);
    // SAFETY: it has the scores of the metrics that were asked for.
    return found as CrossValidation<Name>;
  }

  async #fit(
    table: TableSource,
    options: PipelineFitOptions & { readonly validation?: TableSource },
  ): Promise<FittedPipeline> {
    const { target, weights, validation } = options;
    return await observed(
      () => ({
        type: "fit",
        name: this.model.kind,
        parameters: { ...this.model.settings, target, weights },
        data: { training: table, validation },
      }),
      async () => await this.#fitParts(table, options),
    );
  }

  async #fitParts(
    table: TableSource,
    options: PipelineFitOptions & { readonly validation?: TableSource },
  ): Promise<FittedPipeline> {
    const { target: name, weights: weightColumn, signal, validation, ...modelOptions } = options;
    const type = targetType(table, name);
    // What the compiler knows of the routes was checked by whoever was given the table.
    const features: Features = this.features;
    const { fitted, matrix, target, weights } = await features.fitTransform(table, {
      target: name,
      ...(weightColumn !== undefined && { weights: weightColumn }),
    });
    if (target === undefined) throw new InvalidInputError(`the table has no target "${name}"`);
    const held = validation && (await labelledRows(fitted, validation, name));
    const more = {
      ...modelOptions,
      ...(signal && { signal }),
      ...(weights && { weights }),
      ...(held && { validation: held }),
    };
    const model: RegressionModel | ClassificationModel =
      this.model.task === "regression"
        ? await this.model.fit(matrix, numericTarget(target), more)
        : await this.model.fit(matrix, asClasses(target, type), more);
    return model.task === "regression"
      ? new FittedRegressionPipeline(fitted, model, name)
      : new FittedClassificationPipeline(fitted, model, name);
  }
}

/** The measures of an estimator's kind. */
export type MetricNameOf<E> =
  E extends Classifier<infer _S, infer _M, infer _O> ? ClassificationMetricName : RegressionMetricName;

/** What is measured where nothing is said. */
type DefaultMetricOf<E> = (E extends Classifier<infer _S, infer _M, infer _O> ? "accuracy" : "r2") &
  MetricNameOf<E>;

/** Settings of a pipeline's cross-validation with its measures. */
export interface CrossValidateTableOptions<E, Target extends string, Name extends MetricNameOf<E>>
  extends PipelineFitOptions<Target>, ValidateTableOptions {
  readonly target: Target;
  /** What is measured; the accuracy of a classifier and R² of a regressor where absent. */
  readonly metrics?: readonly Name[];
}

/**
 * Features and a model as one estimator: it is fitted on a table, predicts tables, and leaves as one ONNX model that takes
 * the raw columns.
 * @example
 * const risk = pipeline(columns({ income: standardScaler(), job: oneHot() }), logisticRegression());
 * const fitted = await risk.fit(training, { target: "defaulted" });
 * await fitted.predictProbabilities(test);
 */
export function pipeline<R extends Routes, E extends AnyEstimator>(
  features: Features<R>,
  model: E,
): Pipeline<R, E> {
  return new Pipeline(features, model);
}

/** @file Features and a model as one estimator of tables. */
import { columnType, type ColumnType, type TableColumns } from "../data/column-types.ts";
import { nearName } from "../data/near-name.ts";
import { Table } from "../data/table.ts";
import type { TableSource } from "../data/table-source.ts";
import { InvalidInputError } from "../errors.ts";
import type {
  ClassificationModel,
  Classifier,
  FitOptions,
  RegressionModel,
  Regressor,
} from "../estimator.ts";
import type { CheckedRoutes, Features, Routes } from "../features/index.ts";
import type { MimeBundle } from "../notebook-host.ts";
import { numericTarget, type ClassTarget } from "../target.ts";
import { FittedClassificationPipeline, FittedRegressionPipeline } from "./fitted-pipeline.ts";
import { pipelineBundle } from "./pipeline-diagram.ts";

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
   * columns (target encoding) does so by cross-fitting, so that no row's features hold its own answer.
   * @throws {@link InvalidInputError} for a target that isn't there, missing or infinite in a row, or among the features;
   * and what the features and the model refuse
   */
  async fit<T extends TableSource, const Target extends string>(
    table: T & CheckedRoutes<R, T, Target>,
    options: PipelineFitOptions<Target> & ModelOptionsOf<E>,
  ): Promise<FittedPipelineOf<E, T, Target>> {
    const { target: name, weights: weightColumn, signal, ...modelOptions } = options;
    const type = targetType(table, name);
    const { fitted, matrix, target, weights } = await this.features.fitTransform<TableSource, string>(table, {
      target: name,
      ...(weightColumn !== undefined && { weights: weightColumn }),
    });
    if (target === undefined) throw new InvalidInputError(`the table has no target "${name}"`);
    const more = { ...modelOptions, ...(signal && { signal }), ...(weights && { weights }) };
    const model: RegressionModel | ClassificationModel =
      this.model.task === "regression"
        ? await this.model.fit(matrix, numericTarget(target), more)
        : await this.model.fit(matrix, asClasses(target, type), more);
    const made =
      model.task === "regression"
        ? new FittedRegressionPipeline(fitted, model, name)
        : new FittedClassificationPipeline(fitted, model, name);
    // SAFETY: a regressor gives a regression, a classifier a classification of the target's values.
    return made as FittedPipelineOf<E, T, Target>;
  }
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

function targetType(table: TableSource, name: string): ColumnType {
  const found = table.columns.find((column) => column.name === name);
  if (found) return columnType(found.type);
  const near = nearName(
    name,
    table.columns.map((column) => column.name),
  );
  throw new InvalidInputError(
    `there is no column "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
  );
}

/** Numbers that stand for truth values become these again. */
function asClasses(target: ClassTarget, type: ColumnType): ClassTarget {
  return type === "boolean" ? Array.from(target, (value) => Number(value) === 1) : target;
}

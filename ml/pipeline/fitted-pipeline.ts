/** @file Fitted pipelines: they predict tables, and leave as one ONNX model and as JSON. */
import type { TableSource } from "../data/table-source.ts";
import type { ClassificationModel, ClassLabel, FittedModelJson, RegressionModel } from "../estimator.ts";
import type { FeatureTensors, FittedFeatures, FittedFeaturesJson } from "../features/index.ts";
import { toOnnx } from "../graph/export-onnx.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { MimeBundle } from "../notebook-host.ts";
import { fittedPipelineBundle } from "./pipeline-diagram.ts";

/** A fitted pipeline as JSON. */
export interface FittedPipelineJson {
  readonly version: 1;
  readonly kind: "pipeline";
  readonly task: "regression" | "classification";
  readonly target: string;
  readonly features: FittedFeaturesJson;
  readonly model: FittedModelJson;
}

/** Fitted features and a fitted regression as one; immutable. */
export class FittedRegressionPipeline {
  readonly task = "regression";
  readonly features: FittedFeatures;
  readonly model: RegressionModel;
  /** The column that it predicts. */
  readonly target: string;

  /** @internal */
  constructor(features: FittedFeatures, model: RegressionModel, target: string) {
    this.features = features;
    this.model = model;
    this.target = target;
  }

  /** A number for each row of a table, in the order of its rows. The table needs the columns that the features read. */
  async predict(table: TableSource): Promise<Float64Array> {
    return await this.model.predict(await this.features.transform(table));
  }

  /** The same as a tensor program of raw columns; see `FittedFeatures.trace`. */
  trace(inputs: FeatureTensors): { readonly prediction: Tensor } {
    return this.model.trace(this.features.trace(inputs));
  }

  /** One ONNX model: an input `[rows, 1]` for each raw column, the output `prediction` of `[rows, 1]`. */
  toOnnx(): Uint8Array {
    return toOnnx((inputs) => ({ ...this.trace(inputs) }), this.features.inputTypes);
  }

  /** What {@link loadPipeline} makes the same pipeline of. */
  toJSON(): FittedPipelineJson {
    return jsonOf(this);
  }

  /** In a notebook: the columns, what becomes of them, and the model. */
  [Symbol.for("Jupyter.display")](): MimeBundle {
    return fittedPipelineBundle(this.features, this.model, this.target);
  }
}

/** Fitted features and a fitted classification as one; immutable. */
export class FittedClassificationPipeline<Label extends ClassLabel = ClassLabel> {
  readonly task = "classification";
  readonly features: FittedFeatures;
  readonly model: ClassificationModel<Label>;
  /** The column that it predicts. */
  readonly target: string;

  /** @internal */
  constructor(features: FittedFeatures, model: ClassificationModel<Label>, target: string) {
    this.features = features;
    this.model = model;
    this.target = target;
  }

  /** The classes in ascending order: the columns of the probabilities. */
  get classes(): readonly Label[] {
    return this.model.classes;
  }

  /** The likeliest class of each row of a table, in the order of its rows. */
  async predict(table: TableSource): Promise<Label[]> {
    return await this.model.predict(await this.features.transform(table));
  }

  /** The probability of each class for each row: `rows` by `classes.length`, row-major. */
  async predictProbabilities(table: TableSource): Promise<Float64Array> {
    return await this.model.predictProbabilities(await this.features.transform(table));
  }

  /** The same as a tensor program of raw columns; see `FittedFeatures.trace`. */
  trace(inputs: FeatureTensors): { readonly label: Tensor; readonly probabilities: Tensor } {
    return this.model.trace(this.features.trace(inputs));
  }

  /**
   * One ONNX model: an input `[rows, 1]` for each raw column, the outputs `label` of `[rows]` and `probabilities` of
   * `[rows, classes]`.
   */
  toOnnx(): Uint8Array {
    return toOnnx((inputs) => ({ ...this.trace(inputs) }), this.features.inputTypes);
  }

  /** What {@link loadPipeline} makes the same pipeline of. */
  toJSON(): FittedPipelineJson {
    return jsonOf(this);
  }

  /** In a notebook: the columns, what becomes of them, and the model. */
  [Symbol.for("Jupyter.display")](): MimeBundle {
    return fittedPipelineBundle(this.features, this.model, this.target);
  }
}

/** Any fitted pipeline. */
export type FittedPipeline = FittedRegressionPipeline | FittedClassificationPipeline;

function jsonOf({ task, target, features, model }: FittedPipeline): FittedPipelineJson {
  return {
    version: 1,
    kind: "pipeline",
    task,
    target,
    features: features.toJSON(),
    model: model.toJSON(),
  };
}

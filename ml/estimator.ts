/**
 * @file What every classical model is: an estimator that describes how to learn, and the model that its fit gives. Both
 * are immutable; types only.
 *
 * Estimators are made by functions named after the method (`ridge({ alpha: 1 })`). A fit learns from a matrix of
 * numbers, in which NaN is a missing value where the method can use one and an error elsewhere. A model predicts,
 * becomes a tensor program (and so ONNX), and becomes JSON, from which the `load…` function of its folder makes the
 * same model again.
 */
import type { DenseMatrix } from "./dense-matrix.ts";
import type { Tensor } from "./graph/tensor.ts";
import type { ClassTarget, NumericTarget } from "./target.ts";

/** What any fit may be given beside rows and targets. */
export interface FitOptions {
  /** How much each row counts: finite, not negative, not all zero. */
  readonly weights?: Float32Array | Float64Array | readonly number[];
  /** Stops the fit, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}

/** A model's features as a batch of a tensor program. */
export type FeatureTensor = Tensor<readonly ["rows", number], "float32">;

/** What any fitted model is. */
export interface FittedModel {
  /** The method, as in the estimator and in the JSON. */
  readonly kind: string;
  /** The names of the columns that it was fitted on, in order. */
  readonly featureNames: readonly string[];
  /** What the folder's `load…` function makes the same model of; begins `{ version, kind, … }`. */
  toJSON(): FittedModelJson;
}

/** A model as JSON: no functions, no class instances; numbers that JSON lacks are written as texts. */
export interface FittedModelJson {
  readonly version: number;
  readonly kind: string;
  readonly [part: string]: unknown;
}

/** A fitted model that predicts numbers. */
export interface RegressionModel extends FittedModel {
  readonly task: "regression";
  /** A number for each row. */
  predict(rows: DenseMatrix): Promise<Float64Array>;
  /** The same as a tensor program: `prediction` of `[rows, 1]`. */
  trace(features: FeatureTensor): RegressionTensors;
}

/** What a regression gives as a tensor program. */
export interface RegressionTensors {
  readonly prediction: Tensor<readonly ["rows", 1], "float32">;
}

/** What classes may be. */
export type ClassLabel = string | number | boolean;

/** A fitted model that tells classes. */
export interface ClassificationModel<Label extends ClassLabel = ClassLabel> extends FittedModel {
  readonly task: "classification";
  /** The classes in ascending order: the columns of the probabilities. */
  readonly classes: readonly Label[];
  /** The likeliest class of each row; the first of equals. */
  predict(rows: DenseMatrix): Promise<Label[]>;
  /** The probability of each class for each row, row-major: `rows` by `classes.length`. */
  predictProbabilities(rows: DenseMatrix): Promise<Float64Array>;
  /** The same as a tensor program. */
  trace(features: FeatureTensor): ClassificationTensors;
}

/** What a classification gives as a tensor program: `label` are texts for classes of text, int64 otherwise. */
export interface ClassificationTensors {
  readonly label: Tensor<readonly ["rows"], "string" | "int64">;
  readonly probabilities: Tensor<readonly ["rows", number], "float32">;
}

/** A fitted model that puts rows into groups that it found itself. */
export interface ClusteringModel extends FittedModel {
  readonly task: "clustering";
  /** How many groups there are. */
  readonly clusters: number;
  /** The group of each row, from 0; -1 is none. */
  predict(rows: DenseMatrix): Promise<Int32Array>;
  /** The same as a tensor program: `cluster` of `[rows]`. */
  trace(features: FeatureTensor): ClusteringTensors;
}

/** What a clustering gives as a tensor program. */
export interface ClusteringTensors {
  readonly cluster: Tensor<readonly ["rows"], "int64">;
}

/** A fitted model that tells how unusual rows are. */
export interface AnomalyModel extends FittedModel {
  readonly task: "anomaly";
  /** How unusual each row is; higher is more unusual. */
  score(rows: DenseMatrix): Promise<Float64Array>;
  /** Whether each row's score is above the threshold that was fitted: 1 or 0. */
  predict(rows: DenseMatrix): Promise<Uint8Array>;
  /** The same as a tensor program: `score` of `[rows, 1]`. */
  trace(features: FeatureTensor): AnomalyTensors;
}

/** What an anomaly model gives as a tensor program. */
export interface AnomalyTensors {
  readonly score: Tensor<readonly ["rows", 1], "float32">;
}

/** What any estimator is. */
export interface Estimator<Settings extends object> {
  readonly kind: string;
  /** Everything that was chosen, defaults included: plain data. */
  readonly settings: Readonly<Settings>;
  /** The same estimator with other settings. */
  with(changes: Partial<Settings>): this;
}

/** How numbers are to be learnt. */
export interface Regressor<
  Settings extends object = object,
  Model extends RegressionModel = RegressionModel,
  Options extends FitOptions = FitOptions,
> extends Estimator<Settings> {
  readonly task: "regression";
  /** Learns from rows and a number for each. */
  fit(rows: DenseMatrix, target: NumericTarget, options?: Options): Promise<Model>;
}

/** How classes are to be learnt. */
export interface Classifier<
  Settings extends object = object,
  Model extends ClassificationModel = ClassificationModel,
  Options extends FitOptions = FitOptions,
> extends Estimator<Settings> {
  readonly task: "classification";
  /** Learns from rows and a class for each; at least two classes. */
  fit(rows: DenseMatrix, target: ClassTarget, options?: Options): Promise<Model>;
}

/** How groups are to be found. */
export interface Clusterer<
  Settings extends object = object,
  Model extends ClusteringModel = ClusteringModel,
> extends Estimator<Settings> {
  readonly task: "clustering";
  fit(rows: DenseMatrix, options?: FitOptions): Promise<Model>;
}

/** How the unusual is to be told from the usual. */
export interface AnomalyDetector<
  Settings extends object = object,
  Model extends AnomalyModel = AnomalyModel,
> extends Estimator<Settings> {
  readonly task: "anomaly";
  fit(rows: DenseMatrix, options?: FitOptions): Promise<Model>;
}

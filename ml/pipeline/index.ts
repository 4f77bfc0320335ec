/** @file `tenon/pipeline`: features and a model as one estimator of tables, and as one ONNX model. */
export { pipeline, Pipeline } from "./pipeline.ts";
export type {
  AnyEstimator,
  ClassesOf,
  FittedPipelineOf,
  PipelineFitOptions,
  SettingsOf,
} from "./pipeline.ts";
export {
  FittedClassificationPipeline,
  FittedRegressionPipeline,
  type FittedPipeline,
  type FittedPipelineJson,
} from "./fitted-pipeline.ts";
export type { CrossValidateTableOptions, MetricNameOf } from "./pipeline.ts";
export { loadPipeline } from "./load-pipeline.ts";
export { loadModel } from "./load-model.ts";

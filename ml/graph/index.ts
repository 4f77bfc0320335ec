/** @file `tenon/graph`: tensor programs as ONNX graphs, their gradients, and sessions that run and train them. */
export { Graph } from "./graph.ts";
export type { Attribute, Constant, Node } from "./graph.ts";
export { showShape } from "./value.ts";
export type { Dimension, ElementType, Shape, Value } from "./value.ts";
export {
  add,
  binaryCrossEntropy,
  concatenateColumns,
  gatherRows,
  linear,
  mean,
  multiply,
  relu,
  sigmoid,
  subtract,
} from "./operations.ts";
export { gradients } from "./gradients.ts";
export { encodeModel, opsetVersion } from "./encode.ts";
export { Session } from "./session.ts";
export type { SessionInput, TensorData } from "./session.ts";
export * from "./optimizers/index.ts";
export { TrainingSession } from "./training-session.ts";
export type { LossBuilder, Parameter } from "./training-session.ts";
export { GraphError, RuntimeError } from "./errors.ts";

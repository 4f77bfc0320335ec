/** @file `tenon/graph`: typed tensors, their gradients, and what compiles and runs programs on them. */
export type { DataOf, DType, FloatDType, TensorArray } from "./dtype.ts";
export { showShape } from "./shape.ts";
export type { Dimension, Shape } from "./shape.ts";
export type { ShapeError } from "./shape-types.ts";
export { Tensor } from "./tensor.ts";
export type { NestedArray } from "./tensor.ts";
export { arange, eye, fromData, full, ones, rand, randn, tensor, zeros } from "./create.ts";
export type { RandomSource } from "./create.ts";
export {
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  type ConvolutionOptions,
  type GroupedOptions,
  type GroupedTransposedOptions,
  type TransposedOptions,
} from "./functions/convolution.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  avgPool1d,
  avgPool2d,
  globalAvgPool,
  globalMaxPool,
  maxPool1d,
  maxPool2d,
  type AveragePoolOptions,
  type MaxPoolOptions,
  type PoolOptions,
} from "./functions/pooling.ts";
export { resizeBilinear, upsampleNearest2d, type BilinearOptions } from "./functions/resize.ts";
export {
  batchNorm,
  batchNormTraining,
  groupNorm,
  instanceNorm,
  layerNorm,
  rmsNorm,
  type AffineOptions,
  type BatchNormOptions,
  type RmsNormOptions,
  type RunningStatistics,
} from "./functions/normalization.ts";
export {
  crossEntropy,
  klDiv,
  nllLoss,
  type ClassLossSettings,
  type CrossEntropySettings,
  type LossShape,
} from "./functions/class-losses.ts";
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  hingeLoss,
  huberLoss,
  l1Loss,
  mseLoss,
  sigmoidFocalLoss,
  smoothL1Loss,
  tripletMarginLoss,
  type LossSettings,
  type MarginSettings,
} from "./functions/losses.ts";
export {
  celu,
  elu,
  geluTanh,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSigmoid,
  mish,
  prelu,
  relu6,
  selu,
  softsign,
} from "./functions/activations.ts";
export { atan2, floorDivide, hypot, isClose, type ClosenessSettings } from "./functions/arithmetic.ts";
export type { Reduction } from "./ops/loss-reduction.ts";
export type { PerAxis } from "./functions/spatial.ts";
export type { Tree } from "./trees.ts";
export { scan } from "./functions/scan.ts";
export type { SliceOf, StackOf } from "./functions/scan.ts";
export type { ScanOptions } from "./ops/scan.ts";
export { grad, stopGradient, valueAndGrad } from "./transforms/grad.ts";
export type { ValueAndGradient } from "./transforms/grad.ts";
export { vmap } from "./transforms/vmap.ts";
export type { AnyShapes, Batched, VmapOptions } from "./transforms/vmap.ts";
export { jit } from "./transforms/jit.ts";
export type { Jitted, RunOptions } from "./transforms/jit.ts";
export { Session } from "./runtime/session.ts";
export type { SessionInput, SessionOptions } from "./runtime/session.ts";
export type { TensorData } from "./runtime/tensor-data.ts";
export type { Provider } from "./runtime/provider.ts";
export { providers } from "./runtime/choose-provider.ts";
export type { ProviderReport } from "./runtime/choose-provider.ts";
export type { RuntimeContents } from "./runtime/protocol.ts";
export { provider, restartRuntime, runtimeContents, useProvider } from "./shared-runtime.ts";
export { scope } from "./scope.ts";
export { GraphError, RuntimeError } from "./errors.ts";

/** @file `tenon/graph`: typed tensors, their gradients, and what compiles and runs programs on them. */
export type { DataOf, DType, FloatDType, TensorArray } from "./dtype.ts";
export { showShape } from "./shape.ts";
export type { Dimension, Shape } from "./shape.ts";
export type { SameRank, ShapeError } from "./shape-types.ts";
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
export type { Reduction } from "./ops/loss-reduction.ts";
export type { PerAxis } from "./functions/spatial.ts";
export {
  celu,
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
} from "./functions/activations.ts";
export {
  chunk,
  concat,
  diag,
  diagonal,
  flip,
  linspace,
  meshgrid,
  pad,
  repeat,
  roll,
  split,
  stack,
  tile,
  trace,
  tril,
  triu,
  unstack,
} from "./functions/arrange.ts";
export type { DiagonalOptions, PadMode, PadOptions } from "./functions/arrange.ts";
export {
  abs,
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  ceil,
  clip,
  cos,
  cosh,
  equal,
  erf,
  exp,
  exp2,
  expm1,
  floor,
  floorDivide,
  fmod,
  greater,
  greaterOrEqual,
  hypot,
  isClose,
  isFinite,
  isInf,
  isNaN,
  less,
  lessOrEqual,
  log,
  log10,
  log1p,
  log2,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  maskedFill,
  maximum,
  minimum,
  negative,
  notEqual,
  power,
  reciprocal,
  remainder,
  round,
  rsqrt,
  sign,
  sin,
  sinh,
  sqrt,
  square,
  tan,
  tanh,
  trunc,
  where,
} from "./functions/elementwise.ts";
export type {
  Closeness,
  FloatFunction,
  NumberFunction,
  PairFunction,
  PairTest,
  Test,
} from "./functions/elementwise.ts";
export { gatherND, indexAdd, oneHot, scatter, scatterND, take, takeAlong } from "./functions/indexing.ts";
export type { PositionDType, ScatterOptions } from "./functions/indexing.ts";
export { maskedSelect, nonzero, unique } from "./functions/found.ts";
export type { Unique } from "./functions/found.ts";
export { dot, einsum, outer, vecdot } from "./functions/products.ts";
export {
  all,
  any,
  argmax,
  argmin,
  argsort,
  countNonzero,
  cumprod,
  cumsum,
  logSumExp,
  norm,
  prod,
  searchSorted,
  sort,
  std,
  topK,
  variance,
} from "./functions/reductions.ts";
export type {
  NormOptions,
  Ordered,
  SortOptions,
  TopKOptions,
  VarianceOptions,
} from "./functions/reductions.ts";
export type { AxisPick, Picked, Stride } from "./pick-types.ts";
export type { Tree } from "./trees.ts";
export { multiHeadAttention, scaledDotProductAttention } from "./functions/attention.ts";
export type { AttentionOptions, MultiHeadOptions, MultiHeadWeights } from "./functions/attention.ts";
export { embedding } from "./functions/embedding.ts";
export { bernoulliLike, dropout, normalLike, uniformLike } from "./functions/random.ts";
export { gru, lstm, rnn } from "./functions/recurrent.ts";
export type {
  LstmOptions,
  LstmResult,
  RecurrentLayer,
  RecurrentOptions,
  RecurrentResult,
  RecurrentState,
  RecurrentWeights,
} from "./functions/recurrent.ts";
export { scan } from "./functions/scan.ts";
export type { SliceOf, StackOf } from "./functions/scan.ts";
export type { ScanOptions } from "./ops/scan.ts";
export { grad, stopGradient, valueAndGrad } from "./transforms/grad.ts";
export type { ValueAndGradient } from "./transforms/grad.ts";
export { checkpoint } from "./transforms/checkpoint.ts";
export { choose, lossScale, mixedPrecision, scaledValueAndGrad } from "./transforms/mixed-precision.ts";
export type { LossScale, ScaledValueAndGradient } from "./transforms/mixed-precision.ts";
export type { HalfDType } from "./transforms/half-precision.ts";
export { vmap } from "./transforms/vmap.ts";
export type { AnyShapes, Batched, VmapOptions } from "./transforms/vmap.ts";
export { jit } from "./transforms/jit.ts";
export type { Jitted, RunOptions } from "./transforms/jit.ts";
export { toOnnx } from "./export-onnx.ts";
export type { ExportOptions, InputTensors, InputType } from "./export-onnx.ts";
export { Session } from "./runtime/session.ts";
export type { SessionInput, SessionOptions } from "./runtime/session.ts";
export type { TensorData } from "./runtime/tensor-data.ts";
export type { Provider } from "./runtime/provider.ts";
export { providers } from "./runtime/choose-provider.ts";
export type { ProviderReport } from "./runtime/choose-provider.ts";
export type { RuntimeContents } from "./runtime/protocol.ts";
export { provider, restartRuntime, runtimeContents, useProvider } from "./shared-runtime.ts";
export { scope } from "./scope.ts";
export type * from "./onnx/model.ts";
export { decodeOnnx, readOnnx } from "./onnx/decode.ts";
export { encodeOnnx, writeOnnx } from "./onnx/encode.ts";
export type { WriteOnnxOptions } from "./onnx/encode.ts";
export type {
  Safetensors,
  SafetensorsDType,
  SafetensorsInfo,
  SafetensorsTensor,
} from "./safetensors/format.ts";
export type { OpenSafetensors } from "./safetensors/open-file.ts";
export { decodeSafetensors, openSafetensors, readSafetensors } from "./safetensors/read.ts";
export { encodeSafetensors, writeSafetensors } from "./safetensors/write.ts";
export type { NamedTensors } from "./safetensors/write.ts";
export { importOnnx, loadOnnx } from "./import-onnx.ts";
export type { ImportedModel, OutputType, TensorsByName } from "./import-onnx.ts";
export { GraphError, ModelImportError, OnnxFileError, RuntimeError, SafetensorsFileError } from "./errors.ts";

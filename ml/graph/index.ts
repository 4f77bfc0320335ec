/** @file `tenon/graph`: typed tensors, their gradients, and what compiles and runs programs on them. */
export type { DataOf, DType, FloatDType, TensorArray } from "./dtype.ts";
export { showShape } from "./shape.ts";
export type { Dimension, Shape } from "./shape.ts";
export type { ShapeError } from "./shape-types.ts";
export { Tensor } from "./tensor.ts";
export type { NestedArray } from "./tensor.ts";
export { arange, eye, fromData, full, ones, rand, randn, tensor, zeros } from "./create.ts";
export type { RandomSource } from "./create.ts";
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

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
export { grad, stopGradient, valueAndGrad } from "./transforms/grad.ts";
export type { ValueAndGradient } from "./transforms/grad.ts";
export { jit } from "./transforms/jit.ts";
export type { Jitted, RunOptions } from "./transforms/jit.ts";
export { Session } from "./runtime/session.ts";
export type { SessionInput, SessionOptions } from "./runtime/session.ts";
export type { TensorData } from "./runtime/tensor-data.ts";
export type { Provider } from "./runtime/provider.ts";
export { GraphError, RuntimeError } from "./errors.ts";

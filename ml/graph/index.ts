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
export { grad, stopGradient, valueAndGrad } from "./transforms/grad.ts";
export type { ValueAndGradient } from "./transforms/grad.ts";
export { jit } from "./transforms/jit.ts";
export type { Jitted, RunOptions } from "./transforms/jit.ts";
export { Session } from "./runtime/session.ts";
export type { SessionInput, SessionOptions } from "./runtime/session.ts";
export type { TensorData } from "./runtime/tensor-data.ts";
export type { Provider } from "./runtime/provider.ts";
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
export { GraphError, OnnxFileError, RuntimeError, SafetensorsFileError } from "./errors.ts";

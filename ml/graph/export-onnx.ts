/** @file Functions on tensors as ONNX models. */
import type { DType } from "./dtype.ts";
import { encodeOnnx } from "./onnx/encode.ts";
import { lower } from "./lower.ts";
import type { Shape } from "./shape.ts";
import { Tensor } from "./tensor.ts";
import { input } from "./value.ts";

/** The type of a model's input; sizes that differ from run to run are names. */
export interface InputType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Tensors that stand for the inputs of a model. */
export type InputTensors<Inputs extends Readonly<Record<string, InputType>>> = {
  readonly [Name in keyof Inputs]: Tensor<Inputs[Name]["shape"], Inputs[Name]["dtype"]>;
};

/** What is written into a model beside its program. */
export interface ExportOptions {
  /** What the model is for, for people. */
  readonly documentation?: string;
}

/**
 * A function of named tensors as the bytes of an ONNX model, whose inputs and outputs have the function's names. What the
 * function uses from outside, such as trained parameters, is stored in the model.
 *
 * @throws {@link GraphError} where shapes don't fit, or an output needs data that only a run has
 * @example toOnnx(({ x }) => ({ y: model.apply(parameters, x) }), { x: { dtype: "float32", shape: ["batch", 784] } })
 */
export function toOnnx<const Inputs extends Readonly<Record<string, InputType>>>(
  compute: (inputs: InputTensors<Inputs>) => Readonly<Record<string, Tensor>>,
  inputs: Inputs,
  { documentation = "" }: ExportOptions = {},
): Uint8Array {
  const places = Object.entries(inputs).map(([name, { dtype, shape }]) => input(name, dtype, shape));
  const names = Object.keys(inputs);
  // SAFETY: one tensor for each input, of its type.
  const tensors = Object.fromEntries(
    places.map((place, index) => [names[index], new Tensor(place)]),
  ) as InputTensors<Inputs>;
  const outputs = Object.entries(compute(tensors)).map(([name, { value }]) => [name, value] as const);
  return encodeOnnx(lower(places, Object.fromEntries(outputs), { documentation }).model);
}

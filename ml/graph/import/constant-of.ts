/** @file Tensors of models as values. */
import type { OnnxTensor } from "../onnx/model.ts";
import { constant, type Value } from "../value.ts";

/** A tensor of a model as a value that is known. */
export function constantOf({ dtype, data, shape }: Pick<OnnxTensor, "dtype" | "data" | "shape">): Value {
  return constant(dtype, data, shape);
}

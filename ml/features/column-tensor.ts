/** @file A column that was read by a query as the tensor that a model is fed with. */
import { InvalidInputError } from "../errors.ts";
import { tensorData, type TensorData } from "../graph/runtime/tensor-data.ts";
import type { InputDType } from "./input-columns.ts";

/**
 * Rows of a column, texts or doubles, as `[rows, 1]` of a type.
 * @throws {@link InvalidInputError} for texts where numbers were fitted on, and the other way round
 */
export function columnTensor(
  column: ArrayBufferView | readonly unknown[] | undefined,
  dtype: InputDType,
  first: number,
  end: number,
): TensorData {
  const shape = [end - first, 1];
  if (dtype === "string" && Array.isArray(column))
    return tensorData(dtype, column.slice(first, end).map(String), shape);
  if (!(column instanceof Float64Array))
    throw new InvalidInputError("a transformer was given values of another type than it was fitted on");
  const values = column.slice(first, end);
  if (dtype === "float64") return tensorData(dtype, values, shape);
  if (dtype === "float32") return tensorData(dtype, Float32Array.from(values), shape);
  if (dtype === "bool") return tensorData(dtype, Uint8Array.from(values), shape);
  const whole = new BigInt64Array(values.length);
  for (let row = 0; row < values.length; row++) whole[row] = BigInt(values[row] ?? 0);
  return tensorData(dtype, whole, shape);
}

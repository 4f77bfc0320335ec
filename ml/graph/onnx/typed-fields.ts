/** @file A tensor's elements in the fields of `TensorProto` that hold numbers one by one (onnx.proto, its comments say which holds what). */
import { bytesOfArray, bytesPerElement, emptyArray } from "../dtype.ts";
import type { DType } from "../dtype.ts";
import { OnnxFileError } from "../errors.ts";
import type { PackedNumbers } from "./packed-numbers.ts";

type Numeric = Exclude<DType, "string">;

const fieldOf = {
  float32: "float_data",
  float64: "double_data",
  int64: "int64_data",
  uint64: "uint64_data",
  uint32: "uint64_data",
  int32: "int32_data",
  int16: "int32_data",
  int8: "int32_data",
  uint16: "int32_data",
  uint8: "int32_data",
  bool: "int32_data",
  float16: "int32_data",
  bfloat16: "int32_data",
} as const satisfies Record<Numeric, string>;

/** Smallest and largest element of what int32_data and uint64_data hold in a wider number. */
const ranges: Readonly<Partial<Record<Numeric, readonly [bigint, bigint]>>> = {
  uint32: [0n, 0xffffffffn],
  int32: [-0x80000000n, 0x7fffffffn],
  int16: [-0x8000n, 0x7fffn],
  int8: [-0x80n, 0x7fn],
  uint16: [0n, 0xffffn],
  uint8: [0n, 0xffn],
  bool: [0n, 1n],
  float16: [0n, 0xffffn],
  bfloat16: [0n, 0xffffn],
};

/**
 * The elements' bytes, little-endian in row-major order; without a copy where the field has them so.
 * @throws {OnnxFileError} where the field isn't that of the element type, or has another number of elements
 */
export function decodeTypedField(
  [field, numbers]: readonly [string, PackedNumbers],
  dtype: Numeric,
  elements: number,
  what: string,
): Uint8Array {
  if (field !== fieldOf[dtype]) {
    throw new OnnxFileError(
      `${what} has its elements in ${field}; those of ${dtype} stand in ${fieldOf[dtype]}`,
    );
  }
  const { bytes } = numbers;
  const size = bytesPerElement[dtype];
  const fixed = dtype === "float32" || dtype === "float64";
  // A varint takes a byte at least: what cannot be enough is refused before memory is taken for it.
  if (fixed ? bytes.length !== elements * size : bytes.length < elements) {
    throw new OnnxFileError(
      `${what} has too few or too many elements in ${field}; its shape needs ${elements}`,
    );
  }
  if (fixed) return bytes;
  return decodeVarints(numbers, dtype, elements, `${field} of ${what}`);
}

function decodeVarints(numbers: PackedNumbers, dtype: Numeric, elements: number, what: string): Uint8Array {
  const data = emptyArray(dtype, elements);
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  const range = ranges[dtype];
  let index = 0;
  for (const unsigned of numbers.varints()) {
    if (index === elements)
      throw new OnnxFileError(`${what} has more than the ${elements} elements of the shape`);
    const value = dtype === "uint64" || dtype === "uint32" ? unsigned : BigInt.asIntN(64, unsigned);
    if (range && (value < range[0] || value > range[1])) {
      throw new OnnxFileError(`${what} has the element ${value}, which is no ${dtype}`);
    }
    if (wide) data[index++] = value;
    else data[index++] = Number(value);
  }
  if (index !== elements)
    throw new OnnxFileError(`${what} has ${index} elements; the shape needs ${elements}`);
  return bytesOfArray(data);
}

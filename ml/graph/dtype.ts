/** @file The element types of tensors: the names of ONNX's, and the array that holds each in JavaScript. */

/** The element types that a tensor can have. float16 and bfloat16 values are held as their 16 bits. */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "bool"
  | "string";

/** The element types that gradients flow through. */
export type FloatDType = "float32" | "float64" | "float16" | "bfloat16";

interface Arrays {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  bfloat16: Uint16Array;
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
  /** 1 for true, 0 for false. */
  bool: Uint8Array;
  string: readonly string[];
}

/** The array that holds elements of a type, in row-major order. */
export type DataOf<D extends DType> = Arrays[D];

/** Any tensor's elements. */
export type TensorArray = Arrays[DType];

/** The numbers that ONNX gives to element types (onnx.proto, `TensorProto.DataType`). */
export const onnxElementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const satisfies Record<DType, number>;

const namesOfTypes = new Map<number, DType>(
  // SAFETY: the object's keys are exactly the element types.
  (Object.keys(onnxElementTypes) as DType[]).map((name) => [onnxElementTypes[name], name]),
);

/** The element type of an ONNX type number; undefined for one that tensors here don't have (complex, float8, int4). */
export function dtypeOfOnnx(type: number): DType | undefined {
  return namesOfTypes.get(type);
}

/** Bytes of one element; strings have none. */
export const bytesPerElement = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
  string: 0,
} as const satisfies Record<DType, number>;

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

/** An array of zeros for `length` elements; empty texts for strings. */
export function emptyArray<D extends DType>(dtype: D, length: number): DataOf<D>;
export function emptyArray(dtype: DType, length: number): TensorArray {
  return dtype === "string" ? Array.from({ length }, () => "") : new constructors[dtype](length);
}

/**
 * Elements as the bytes of a little-endian row-major buffer say them, without a copy where alignment allows it.
 * @throws RangeError when the bytes are not a whole number of elements
 */
export function arrayOfBytes<D extends Exclude<DType, "string">>(dtype: D, bytes: Uint8Array): DataOf<D>;
export function arrayOfBytes(dtype: Exclude<DType, "string">, bytes: Uint8Array): TensorArray {
  const size = bytesPerElement[dtype];
  if (bytes.byteLength % size !== 0)
    throw new RangeError(`${bytes.byteLength} bytes are no whole number of ${dtype}`);
  // Not slice(): a Buffer's shares its memory.
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  // SAFETY: every array takes shared memory too; only the union of their constructors' types hides that.
  return new constructors[dtype](buffer as ArrayBuffer, byteOffset, bytes.byteLength / size);
}

/** The bytes of an array of numbers in memory: little-endian on every platform that Node runs on. No copy. */
export function bytesOfArray(data: Exclude<TensorArray, readonly string[]>): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * An array of exactly the class that holds a type, on the same memory: a Buffer of Node's is a Uint8Array to TypeScript,
 * but not to whom it is sent. Undefined for an array of another class.
 */
export function exactArray(dtype: DType, data: TensorArray): TensorArray | undefined {
  if (dtype === "string") return Array.isArray(data) ? data : undefined;
  const wanted = constructors[dtype];
  if (!ArrayBuffer.isView(data) || !(data instanceof wanted)) return undefined;
  // SAFETY: every array takes shared memory too; only the union of their constructors' types hides that.
  return data.constructor === wanted
    ? data
    : new wanted(data.buffer as ArrayBuffer, data.byteOffset, data.length);
}

/** Whether gradients flow through elements of this type. */
export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === "float32" || dtype === "float64" || dtype === "float16" || dtype === "bfloat16";
}

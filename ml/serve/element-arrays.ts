/** @file The element types of tensors and the arrays that hold their elements, for all that reads or writes them. */
import type { Datatype } from "./inference.ts";

/** The array of each type of numbers: booleans as bytes, float16 as its bits. `BYTES` are texts and have none. */
export const elementArrays = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const satisfies Readonly<Record<Exclude<Datatype, "BYTES">, unknown>>;

/** The names of all types, for schemas. */
export const datatypes: readonly Datatype[] = [
  // SAFETY: the table's keys are these names, and nothing adds to it.
  ...(Object.keys(elementArrays) as (keyof typeof elementArrays)[]),
  "BYTES",
];

/** Whether a value names a type of elements that models here have. */
export function isDatatype(value: unknown): value is Datatype {
  return value === "BYTES" || (typeof value === "string" && Object.hasOwn(elementArrays, value));
}

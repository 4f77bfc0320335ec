/**
 * @file What a safetensors file holds (https://github.com/huggingface/safetensors, "Format"): eight bytes with the
 * header's length, a JSON header, and the tensors' bytes, little-endian in row-major order, without gaps.
 */
import type { DataOf, DType } from "../dtype.ts";

/** The element types that stand in safetensors files. */
export type SafetensorsDType = Exclude<DType, "string">;

/** A tensor with its elements in row-major order. */
export type SafetensorsTensor = {
  readonly [D in SafetensorsDType]: {
    readonly dtype: D;
    readonly shape: readonly number[];
    readonly data: DataOf<D>;
  };
}[SafetensorsDType];

/** What the header says of a tensor: all but its elements. */
export interface SafetensorsInfo {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly byteLength: number;
}

/** A file's tensors by name, in the order of their bytes, and its free texts. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The longest header, as in the reference implementation. */
export const longestHeader = 100_000_000;

/** The header's name for its free texts, which no tensor can have. */
export const metadataKey = "__metadata__";

/** The files' names of the element types, in the order in which the reference implementation writes tensors. */
export const safetensorsNames = {
  uint64: "U64",
  int64: "I64",
  float64: "F64",
  float32: "F32",
  uint32: "U32",
  int32: "I32",
  bfloat16: "BF16",
  float16: "F16",
  uint16: "U16",
  int16: "I16",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
} as const satisfies Record<SafetensorsDType, string>;

/** @file Typed arrays within JSON: exact, NaN and infinities included, and short. */
import * as v from "valibot";
import { InvalidInputError } from "./errors.ts";

const arrays = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
} as const;

type ArrayType = keyof typeof arrays;

/** The typed array of each type, on any memory. */
interface ArraysByType {
  readonly float64: Float64Array;
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly uint8: Uint8Array;
}
type ArrayOf<Type extends ArrayType> = ArraysByType[Type];

/** A typed array as JSON: its bytes, little-endian, in base64. */
export interface ArrayJson<Type extends ArrayType = ArrayType> {
  readonly type: Type;
  readonly base64: string;
}

/** A typed array as JSON. */
export function arrayJson<Type extends ArrayType>(type: Type, array: ArrayOf<Type>): ArrayJson<Type> {
  return {
    type,
    base64: Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64"),
  };
}

/**
 * The schema of a typed array as JSON, which gives the array itself.
 *
 * Use: `v.parse(v.object({ weights: arraySchema("float64") }), json).weights` is a Float64Array.
 */
export function arraySchema<Type extends ArrayType>(type: Type): v.GenericSchema<unknown, ArrayOf<Type>> {
  return v.pipe(
    v.object({ type: v.literal(type), base64: v.pipe(v.string(), v.base64()) }),
    v.transform(({ base64 }) => decode(type, base64)),
  ) as v.GenericSchema<unknown, ArrayOf<Type>>;
}

function decode<Type extends ArrayType>(type: Type, base64: string): ArrayOf<Type> {
  const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
  const size = arrays[type].BYTES_PER_ELEMENT;
  if (bytes.length % size !== 0)
    throw new InvalidInputError(`${bytes.length} bytes are no array of ${type}, which has ${size} each`);
  // SAFETY: the constructor is that of the type.
  return new arrays[type](bytes.buffer) as ArrayOf<Type>;
}

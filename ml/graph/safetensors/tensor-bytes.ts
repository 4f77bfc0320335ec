/** @file A tensor of the bytes that a header gave it. */
import { arrayOfBytes } from "../dtype.ts";
import { SafetensorsFileError } from "../errors.ts";
import type { SafetensorsInfo, SafetensorsTensor } from "./format.ts";

/**
 * A tensor of its bytes, which it shares where their alignment allows it.
 * @throws {SafetensorsFileError} for booleans other than 0 and 1
 */
export function tensorOfBytes(
  name: string,
  { dtype, shape }: SafetensorsInfo,
  bytes: Uint8Array,
): SafetensorsTensor {
  if (dtype === "bool" && bytes.some((byte) => byte > 1)) {
    throw new SafetensorsFileError(`tensor ${JSON.stringify(name)} has bytes that are no booleans`);
  }
  // SAFETY: the array is the one of this element type; the compiler does not relate the two for a union of types.
  return { dtype, shape, data: arrayOfBytes(dtype, bytes) } as SafetensorsTensor;
}

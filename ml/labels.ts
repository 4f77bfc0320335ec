import { InvalidInputError } from "./errors.ts";

/** What happened, row by row: 1 or true for the positive class, 0 or false for the other. */
export type BinaryLabels =
  Uint8Array | Int32Array | Float32Array | Float64Array | readonly (number | boolean)[];

/** A label as 0 or 1; throws {@link InvalidInputError} for anything else. */
export function binaryLabel(label: number | boolean | undefined, row: number): 0 | 1 {
  const value = Number(label);
  if (value === 0 || value === 1) return value;
  throw new InvalidInputError(`the label of row ${row} is ${String(label)}, neither 0 nor 1`);
}

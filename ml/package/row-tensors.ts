/** @file Tensors of rows, joined to one for the graph. */
import { InvalidInputError } from "../errors.ts";
import type { TensorArray } from "../graph/dtype.ts";
import type { ModelRow } from "./cell-values.ts";
import type { SignatureInput } from "./signature.ts";

/** How deep lists may stand in lists: as many as a tensor has axes. */
const deepest = 8;

/** Tensors of rows as one. */
export interface RowTensors {
  readonly data: TensorArray;
  readonly shape: readonly number[];
}

/**
 * An input `[rows, ...shape]` of the tensors that rows hold, as lists in lists or flat. A size that may be any is that of the
 * first row.
 * @throws {@link InvalidInputError} that names input and row, for one that is missing, of another shape, or holds what the
 * input's type can't
 */
export function rowTensors(
  input: SignatureInput,
  shape: readonly number[],
  rows: readonly ModelRow[],
): RowTensors {
  const values: unknown[] = [];
  let sizes = shape;
  for (const [at, row] of rows.entries()) {
    const given: unknown = Object.hasOwn(row, input.name) ? row[input.name] : undefined;
    const place = `"${input.name}" of row ${at}`;
    if (!Array.isArray(given)) throw new InvalidInputError(`${place} is no list, and the model needs one`);
    // SAFETY: a list holds unknown values.
    const elements = flat(given as readonly unknown[], place);
    if (at === 0) sizes = knownSizes(shape, given, elements.length);
    const expected = sizes.reduce((product, size) => product * size, 1);
    if (elements.length !== expected)
      throw new InvalidInputError(
        `${place} has ${elements.length} elements, where the shape [${sizes.join(", ")}] has ${expected}`,
      );
    for (const element of elements) values.push(element);
  }
  return { data: elementArray(input, values), shape: [rows.length, ...sizes] };
}

/** The shape with the sizes that the nesting of a row's lists has where any may be; one such of flat lists follows from the rest. */
function knownSizes(shape: readonly number[], given: readonly unknown[], count: number): readonly number[] {
  const nested: number[] = [];
  for (let each: unknown = given; Array.isArray(each); each = each[0]) nested.push(each.length);
  if (nested.length === shape.length)
    return shape.map((size, axis) => (size === -1 ? (nested[axis] ?? 0) : size));
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  return shape.map((size) => (size === -1 ? Math.floor(count / known) : size));
}

function flat(list: readonly unknown[], place: string, depth = 1): readonly unknown[] {
  if (depth > deepest) throw new InvalidInputError(`${place} has more than ${deepest} axes`);
  return list.some((each) => Array.isArray(each))
    ? list.flatMap((each) => (Array.isArray(each) ? flat(each, place, depth + 1) : [each]))
    : list;
}

function elementArray({ name, dtype }: SignatureInput, values: readonly unknown[]): TensorArray {
  const isText = dtype === "string";
  const odd = values.find((value) =>
    isText ? typeof value !== "string" : !["number", "bigint", "boolean"].includes(typeof value),
  );
  if (odd !== undefined || values.includes(undefined))
    throw new InvalidInputError(`"${name}" holds ${JSON.stringify(odd)}, where ${dtype} is needed`);
  switch (dtype) {
    case "string":
      return values.map(String);
    case "float32":
      return Float32Array.from(values, Number);
    case "float64":
      return Float64Array.from(values, Number);
    case "int32":
      return Int32Array.from(values, Number);
    case "int8":
      return Int8Array.from(values, Number);
    case "uint8":
    case "bool":
      return Uint8Array.from(values, Number);
    case "int64":
      return BigInt64Array.from(values, (value) => BigInt(whole(name, value)));
  }
}

function whole(name: string, value: unknown): number | bigint {
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return value as number | bigint;
  throw new InvalidInputError(`"${name}" holds ${String(value)}, where whole numbers are needed`);
}

/** @file Elements that are found by looking at them: how many there are is known only when the program runs. */
import type { DType } from "../dtype.ts";
import { showShape, type Dimension } from "../shape.ts";
import { GraphError } from "../errors.ts";
import type { Value, ValueType } from "../value.ts";
import { apply, applyAll } from "./apply.ts";
import { cast, notEqual } from "./elementwise.ts";
import { gather, gatherND } from "./gather.ts";
import { reshape, transpose } from "./shape-ops.ts";

let found = 0;

/** A name for a size that only a run knows: no two are taken for the same. */
const sizeFoundBy = (operator: string): string => `${operator} ${++found}`;

/** What one mask finds in several tensors has one size. */
const placesOf = new WeakMap<Value, Value>();

/** The places of elements that are not 0, in row-major order: `[found, axes of x]` of int64. */
export function nonzero(x: Value): Value {
  if (x.shape.length === 0) throw new GraphError("nonzero: a scalar has no places");
  const known = placesOf.get(x);
  if (known) return known;
  const truth = x.dtype === "bool" ? x : notEqual(x, 0);
  const shape = [x.shape.length, sizeFoundBy("nonzero")];
  const places = transpose(apply("NonZero", [truth], {}, { types: [{ dtype: "int64", shape }] }));
  placesOf.set(x, places);
  return places;
}

/** The elements where a mask of the same shape holds, in row-major order. */
export function maskedSelect(x: Value, mask: Value): Value {
  if (mask.dtype !== "bool") throw new GraphError(`maskedSelect: the mask is ${mask.dtype}, not bool`);
  if (x.shape.length !== mask.shape.length || x.shape.some((size, axis) => size !== mask.shape[axis]))
    throw new GraphError(
      `maskedSelect: a mask of ${showShape(mask.shape)} does not fit ${showShape(x.shape)}`,
    );
  return gatherND(x, nonzero(mask));
}

/** The types that ONNX Runtime has the operator for, by those that they hold without loss and in the same order. */
const uniqueDTypes: Readonly<Partial<Record<DType, "float32" | "float64" | "string" | "int64">>> = {
  float16: "float32",
  bfloat16: "float32",
  float32: "float32",
  float64: "float64",
  string: "string",
  bool: "int64",
  int8: "int64",
  int16: "int64",
  int32: "int64",
  int64: "int64",
  uint8: "int64",
  uint16: "int64",
  uint32: "int64",
};

/** The different elements in ascending order, where each element is among them, and how often each is there. */
export function unique(x: Value): {
  readonly values: Value;
  readonly inverse: Value;
  readonly counts: Value;
} {
  const size = sizeFoundBy("unique");
  const flat = reshape(x, [-1]);
  const dtype = uniqueDTypes[x.dtype];
  if (!dtype) throw new GraphError(`unique: ${x.dtype} can't be put in order`);
  const vector = (length: Dimension): ValueType => ({ dtype: "int64", shape: [length] });
  const types: readonly ValueType[] = [
    { dtype, shape: [size] },
    vector(size),
    vector(flat.shape[0] ?? 1),
    vector(size),
  ];
  const held = dtype === x.dtype ? flat : cast(flat, dtype);
  const [, firsts, inverse, counts] = applyAll("Unique", [held], { sorted: { int: 1 } }, { types });
  if (!firsts || !inverse || !counts) throw new GraphError("Unique has no output");
  // Taken from where they are first, they have the type and the gradient of the elements.
  return { values: gather(flat, firsts), inverse: reshape(inverse, x.shape, [x]), counts };
}

/**
 * @file A program on tensors as values: each is data, an input, a random source, or an output of a node.
 *
 * Values are immutable and refer to what they are computed from, so a value alone holds the program that computes it.
 * Programs have no cycles, since a node only uses values that exist.
 */
import { emptyArray, exactArray, type DType, type TensorArray } from "./dtype.ts";
import { GraphError } from "./errors.ts";
import { bfloat16Bits, float16Bits } from "./half.ts";
import type { OnnxAttribute } from "./onnx/model.ts";
import type { Distribution } from "./random-source.ts";
import type { StoredTensor } from "./runtime/stored-tensor.ts";
import { elementCount, showShape, type Shape } from "./shape.ts";

/** The element type and shape of a value. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A value of a tensor program. */
export interface Value extends ValueType {
  readonly source: Source;
}

/** Where a value comes from. */
export type Source =
  /** Fed when the program runs. */
  | { readonly kind: "input"; readonly name: string }
  /** Known now; row-major. */
  | { readonly kind: "data"; readonly data: TensorArray }
  /** Kept by the runtime's thread. */
  | { readonly kind: "stored"; readonly stored: StoredTensor }
  /** Drawn anew at each run; of float32. The stream is its number in the program. */
  | { readonly kind: "random"; readonly distribution: Distribution; readonly stream: number }
  | { readonly kind: "node"; readonly node: Node; readonly index: number }
  /** Another value, whose gradient is taken by a rule of its own with respect to `inputs`. */
  | {
      readonly kind: "alias";
      readonly of: Value;
      readonly inputs: readonly Value[];
      readonly gradient: CustomGradient;
    };

/** From the gradient of an alias, the gradients of its inputs; undefined where none flows. */
export type CustomGradient = (gradient: Value) => readonly (Value | undefined)[];

/** The program inside a node, such as the step of a Scan. It may also use values from outside. */
export interface Body {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** An attribute of a node. */
export type Attribute = Exclude<OnnxAttribute, { readonly graph: unknown }> | { readonly body: Body };

/** The attributes of a node, by name. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** One ONNX operator applied to values. */
export interface Node {
  readonly operator: string;
  /** The operator set's domain; "" for the standard one. */
  readonly domain: string;
  /** Undefined where an optional input is left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
  /** Where the user's program applied it: an error that is never thrown, for its stack. */
  readonly site: Error;
}

/** Declares an input: what is fed under that name when the program runs. */
export function input(name: string, dtype: DType, shape: Shape): Value {
  return { dtype, shape, source: { kind: "input", name } };
}

/**
 * A value that is known now.
 * @throws {@link GraphError} when the number of elements is not the shape's, or the array not the type's
 */
export function constant(dtype: DType, data: TensorArray, shape: readonly number[]): Value {
  const count = elementCount(shape);
  if (count !== data.length)
    throw new GraphError(`a tensor of shape ${showShape(shape)} has ${count} elements, not ${data.length}`);
  const exact = exactArray(dtype, data);
  if (!exact) throw new GraphError(`elements of type ${dtype} are not held in a ${data.constructor.name}`);
  return { dtype, shape, source: { kind: "data", data: exact } };
}

/** A scalar constant of an element type. */
export function scalar(dtype: DType, value: number): Value {
  return constant(dtype, arrayOfNumbers(dtype, [value]), []);
}

/** Numbers as the elements of a type; halves are rounded, booleans are "not zero". */
export function arrayOfNumbers(dtype: DType, numbers: ArrayLike<number>): TensorArray {
  const array = emptyArray(dtype, numbers.length);
  if (array instanceof BigInt64Array || array instanceof BigUint64Array) {
    for (let index = 0; index < array.length; index++) array[index] = BigInt(Math.trunc(numbers[index] ?? 0));
  } else if (Array.isArray(array)) {
    throw new GraphError("numbers are no strings");
  } else {
    const convert = conversions[dtype];
    // SAFETY: string arrays, the only read-only ones, were refused above.
    const writable = array as Float64Array;
    for (let index = 0; index < writable.length; index++) writable[index] = convert(numbers[index] ?? 0);
  }
  return array;
}

const same = (value: number): number => value;
const conversions: Readonly<Record<DType, (value: number) => number>> = {
  float32: same,
  float64: same,
  float16: float16Bits,
  bfloat16: bfloat16Bits,
  int8: same,
  int16: same,
  int32: same,
  int64: same,
  uint8: same,
  uint16: same,
  uint32: same,
  uint64: same,
  bool: (value) => (value === 0 ? 0 : 1),
  string: same,
};

/** An int64 vector constant: what ONNX takes axes, sizes and positions as. */
export function integers(numbers: readonly number[]): Value {
  return constant(
    "int64",
    BigInt64Array.from(numbers, (value) => BigInt(value)),
    [numbers.length],
  );
}

/** The numbers of a value that is known now and holds no strings; undefined for any other. */
export function knownNumbers(value: Value | undefined): number[] | undefined {
  const root = value && resolve(value);
  if (root?.source.kind !== "data" || root.dtype === "string") return undefined;
  return Array.from(root.source.data, Number);
}

/** The value behind aliases: what is computed. */
export function resolve(value: Value): Value {
  let root = value;
  while (root.source.kind === "alias") root = root.source.of;
  return root;
}

/** A value whose gradient with respect to `inputs` is given by a rule instead of being derived. */
export function withGradient(of: Value, inputs: readonly Value[], gradient: CustomGradient): Value {
  return { dtype: of.dtype, shape: of.shape, source: { kind: "alias", of, inputs, gradient } };
}

/** The same value, through which no gradient flows. */
export function stopGradient(value: Value): Value {
  return withGradient(value, [], () => []);
}

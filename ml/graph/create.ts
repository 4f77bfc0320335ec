/** @file Tensors made of numbers. */
import { Random } from "../random.ts";
import { emptyArray, exactArray, type DataOf, type DType, type TensorArray } from "./dtype.ts";
import { GraphError } from "./errors.ts";
import { elementCount, showShape, type Dimension } from "./shape.ts";
import { Tensor, type NestedArray } from "./tensor.ts";
import { describe } from "./trees.ts";
import { arrayOfNumbers, constant } from "./value.ts";

/** The shape of arrays in arrays, as far as their types tell: the lengths of tuples, `number` for other arrays. */
export type ShapeOfNested<T> = T extends readonly unknown[]
  ? T extends readonly [infer First, ...unknown[]]
    ? readonly [T["length"], ...ShapeOfNested<First>]
    : readonly [number, ...(T extends readonly (infer Each)[] ? ShapeOfNested<Each> : [])]
  : readonly [];

type Sizes = readonly number[];

/**
 * A tensor of numbers, or of arrays in arrays of them, all of one length at each depth.
 *
 * @throws {@link GraphError} where lengths differ, or an element is not of the type
 * @example tensor([[1, 2], [3, 4]]) // Tensor<readonly [2, 2], "float32">
 */
export function tensor<const T extends number | readonly NestedArray[]>(
  values: T,
): Tensor<ShapeOfNested<T>, "float32">;
export function tensor<const T extends number | readonly NestedArray[], const D extends DType>(
  values: T,
  dtype: D,
): Tensor<ShapeOfNested<T>, D>;
export function tensor(values: number | readonly NestedArray[], dtype: DType = "float32"): Tensor {
  const shape = shapeOfNested(values);
  const flat = Array.isArray(values) ? values.flat(shape.length) : [values];
  if (elementCount(shape) !== flat.length || flat.some((each) => Array.isArray(each)))
    throw new GraphError("tensor: the arrays at one depth differ in length");
  const types = dtype === "string" ? ["string"] : ["number", "bigint", "boolean"];
  const odd = flat.findIndex((each) => !types.includes(typeof each));
  if (odd !== -1)
    throw new GraphError(`tensor: ${describe(flat[odd])} is no element of a tensor of ${dtype}`);
  if (dtype === "string") return new Tensor(constant(dtype, flat.map(String), shape));
  const numbers = flat.map((each) => Number(each));
  return new Tensor(constant(dtype, arrayOfNumbers(dtype, numbers), shape));
}

function shapeOfNested(values: NestedArray): number[] {
  if (!Array.isArray(values)) return [];
  const [first] = values as readonly NestedArray[];
  return [values.length, ...(first === undefined ? [] : shapeOfNested(first))];
}

/**
 * A tensor on an array that exists, in row-major order, without a copy: don't change the array any more.
 * @throws {@link GraphError} when the number of elements is not the shape's, or the array is one of another type
 */
export function fromData<const S extends Sizes, const D extends DType>(
  dtype: D,
  data: DataOf<D>,
  shape: S,
): Tensor<S, D> {
  count(shape);
  const exact: TensorArray | undefined = exactArray(dtype, data);
  if (!exact) {
    const { name } = emptyArray(dtype, 0).constructor;
    throw new GraphError(`fromData: elements of ${dtype} are held in a ${name}, not in ${describe(data)}`);
  }
  return new Tensor(constant(dtype, exact, shape));
}

/** All elements the same number; float32 where no element type is named. */
export function full<const S extends Sizes>(shape: S, value: number): Tensor<S, "float32">;
export function full<const S extends Sizes, const D extends DType>(
  shape: S,
  value: number,
  dtype: D,
): Tensor<S, D>;
export function full(shape: Sizes, value: number, dtype: DType = "float32"): Tensor {
  const numbers = Array.from({ length: count(shape) }, () => value);
  return new Tensor(constant(dtype, arrayOfNumbers(dtype, numbers), shape));
}

/** Zeros. */
export function zeros<const S extends Sizes>(shape: S): Tensor<S, "float32">;
export function zeros<const S extends Sizes, const D extends DType>(shape: S, dtype: D): Tensor<S, D>;
export function zeros(shape: Sizes, dtype: DType = "float32"): Tensor {
  return full(shape, 0, dtype);
}

/** Ones. */
export function ones<const S extends Sizes>(shape: S): Tensor<S, "float32">;
export function ones<const S extends Sizes, const D extends DType>(shape: S, dtype: D): Tensor<S, D>;
export function ones(shape: Sizes, dtype: DType = "float32"): Tensor {
  return full(shape, 1, dtype);
}

/** The whole numbers from 0: `[0, 1, …, length - 1]`. */
export function arange<const N extends number>(length: N): Tensor<readonly [N], "float32">;
export function arange<const N extends number, const D extends DType>(
  length: N,
  dtype: D,
): Tensor<readonly [N], D>;
export function arange(length: number, dtype: DType = "float32"): Tensor {
  const numbers = Array.from({ length: count([length]) }, (_, index) => index);
  return new Tensor(constant(dtype, arrayOfNumbers(dtype, numbers), [length]));
}

/** The identity matrix. */
export function eye<const N extends number>(size: N): Tensor<readonly [N, N], "float32"> {
  const data = new Float32Array(count([size, size]));
  for (let row = 0; row < size; row++) data[row * size + row] = 1;
  return fromData("float32", data, [size, size]);
}

/** What random tensors are drawn from: the same seed gives the same numbers, on every machine. */
export interface RandomSource {
  readonly seed: number;
}

/** Draws from the normal distribution with mean 0 and deviation 1. */
export function randn<const S extends Sizes>(shape: S, { seed }: RandomSource): Tensor<S, "float32"> {
  const random = new Random(seed);
  const data = Float32Array.from({ length: count(shape) }, () => random.normal());
  return fromData("float32", data, shape);
}

/** Draws from the uniform distribution over [0, 1). */
export function rand<const S extends Sizes>(shape: S, { seed }: RandomSource): Tensor<S, "float32"> {
  const random = new Random(seed);
  const data = Float32Array.from({ length: count(shape) }, () => random.uniform());
  return fromData("float32", data, shape);
}

function count(shape: readonly Dimension[]): number {
  const size = elementCount(shape);
  const isSize = (each: Dimension): boolean => Number.isSafeInteger(each) && Number(each) >= 0;
  if (size === undefined || !Number.isSafeInteger(size) || !shape.every(isSize))
    throw new GraphError(`${showShape(shape)} is no shape of known sizes`);
  return size;
}

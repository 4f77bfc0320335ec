/** @file Tensors joined, cut, turned, repeated and padded. Axes are counted from the end where negative. */
import type { DType } from "../dtype.ts";
import { arrayOfNumbers, constant, scalar } from "../value.ts";
import { GraphError } from "../errors.ts";
import * as arrange from "../ops/arrange.ts";
import * as shapes from "../ops/shape-ops.ts";
import type { AsShape, Axes, ExistingAxes, Resized, SameRank } from "../shape-types.ts";
import { normalAxis, showShape, type Dimension, type Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";

/** Joined along an axis, the first where absent; beside it the shapes must be equal. */
export function concat<const T extends readonly Tensor[], const A extends number = 0>(
  tensors: T,
  axis?: A & ExistingAxes<T[0]["shape"], A>,
): Tensor<AsShape<Resized<T[0]["shape"], A>>, T[0]["dtype"]> {
  return new Tensor(
    shapes.concat(
      tensors.map(({ value }) => value),
      axis ?? 0,
    ),
  );
}

/** Tensors of one shape side by side along a new axis, which is the first where none is given. */
export function stack<const S extends Shape, D extends DType>(
  tensors: readonly Tensor<S, D>[],
): Tensor<readonly [number, ...S], D>;
export function stack<const S extends Shape, D extends DType>(
  tensors: readonly Tensor<S, D>[],
  axis: number,
): Tensor<Shape, D>;
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  return new Tensor(
    arrange.stack(
      tensors.map(({ value }) => value),
      axis,
    ),
  );
}

/** The slices of an axis (the first where absent) of known size, without it. */
export function unstack<S extends Shape, D extends DType>(x: Tensor<S, D>, axis = 0): Tensor<Shape, D>[] {
  return arrange.unstack(x.value, axis).map((value) => new Tensor(value));
}

/** Cut along an axis, the first where absent, into parts of these sizes. */
export function split<S extends Shape, D extends DType, const A extends number = 0>(
  x: Tensor<S, D>,
  sizes: readonly number[],
  axis?: A & ExistingAxes<S, A>,
): Tensor<Resized<S, A>, D>[] {
  return shapes.split(x.value, sizes, axis ?? 0).map((value) => new Tensor(value));
}

/** Cut along an axis of known size into at most `count` parts of one size; the last may be smaller (PyTorch's `chunk`). */
export function chunk<S extends Shape, D extends DType, const A extends number = 0>(
  x: Tensor<S, D>,
  count: number,
  axis?: A & ExistingAxes<S, A>,
): Tensor<Resized<S, A>, D>[] {
  const { shape } = x.value;
  const along = normalAxis("chunk", axis ?? 0, shape.length);
  const size = shape[along];
  if (typeof size !== "number" || !Number.isInteger(count) || count < 1)
    throw new GraphError(`chunk: axis ${along} of ${showShape(shape)} can't be cut into ${count} parts`);
  const each = Math.max(1, Math.ceil(size / count));
  const parts = Math.max(1, Math.ceil(size / each));
  const sizes = Array.from({ length: parts }, (_, part) => Math.min(each, size - part * each));
  return shapes.split(x.value, sizes, along).map((value) => new Tensor(value));
}

/** Axes from end to start: these, or all. */
export function flip<S extends Shape, D extends DType, const A extends Axes = undefined>(
  x: Tensor<S, D>,
  axes?: A & ExistingAxes<S, A>,
): Tensor<S, D> {
  return new Tensor(arrange.flip(x.value, axes));
}

/** Shifted by `shift` places along an axis; what leaves at the end comes in at the start. */
export function roll<S extends Shape, D extends DType, const A extends number>(
  x: Tensor<S, D>,
  shift: number,
  axis: A & ExistingAxes<S, A>,
): Tensor<S, D> {
  return new Tensor(arrange.roll(x.value, shift, axis));
}

/** The whole repeated `counts[axis]` times along each axis; more counts than axes add axes in front (NumPy's `tile`). */
export function tile<S extends Shape, D extends DType, const C extends readonly number[]>(
  x: Tensor<S, D>,
  counts: C,
): Tensor<{ readonly [Axis in keyof C]: Dimension }, D> {
  return new Tensor(arrange.tile(x.value, counts));
}

/** Each slice along an axis `count` times in its place (NumPy's `repeat`, PyTorch's `repeat_interleave`). */
export function repeat<S extends Shape, D extends DType, const A extends number>(
  x: Tensor<S, D>,
  count: number,
  axis: A & ExistingAxes<S, A>,
): Tensor<Resized<S, A>, D> {
  return new Tensor(arrange.repeat(x.value, count, axis));
}

/** How {@link pad} fills: with a number, the mirrored inside without its edge, the edge, or the other side. */
export type PadMode = "constant" | "reflect" | "edge" | "wrap";

/** Settings of {@link pad}. */
export interface PadOptions {
  /** "constant" where absent. */
  readonly mode?: PadMode;
  /** What "constant" fills with; 0 where absent. */
  readonly value?: number;
}

/** With `widths[axis]` elements added around each axis: as many on both sides, or `[before, after]`. */
export function pad<S extends Shape, D extends DType>(
  x: Tensor<S, D>,
  widths: readonly (number | readonly [before: number, after: number])[],
  { mode = "constant", value = 0 }: PadOptions = {},
): Tensor<SameRank<S>, D> {
  const { shape, dtype } = x.value;
  if (widths.length !== shape.length)
    throw new GraphError(`pad: ${widths.length} widths for the axes of ${showShape(shape)}`);
  const sides = [0, 1].map((side) =>
    widths.map((width) => (typeof width === "number" ? width : (width[side] ?? 0))),
  );
  const [before = [], after = []] = sides;
  if (sides.flat().some((width) => !Number.isInteger(width) || width < 0))
    throw new GraphError(`pad: widths are whole numbers from 0, not ${JSON.stringify(widths)}`);
  if (mode === "wrap") return new Tensor(arrange.padCircular(x.value, before, after));
  const fill = mode === "constant" && value !== 0 ? scalar(dtype, value) : undefined;
  return new Tensor(shapes.pad(x.value, before, after, fill, mode));
}

/** Matrices (the last two axes) with zeros above their `offset`-th diagonal. */
export function tril<S extends Shape, D extends DType>(x: Tensor<S, D>, offset = 0): Tensor<S, D> {
  return new Tensor(arrange.triangle(x.value, false, offset));
}

/** Matrices (the last two axes) with zeros below their `offset`-th diagonal. */
export function triu<S extends Shape, D extends DType>(x: Tensor<S, D>, offset = 0): Tensor<S, D> {
  return new Tensor(arrange.triangle(x.value, true, offset));
}

/** A matrix with the vector `[n]` on its diagonal and zeros elsewhere. */
export function diag<N extends Dimension, D extends DType>(
  x: Tensor<readonly [N], D>,
): Tensor<readonly [N, N], D> {
  return new Tensor(arrange.diag(x.value));
}

/** Settings of {@link diagonal}. */
export interface DiagonalOptions {
  /** Above 0: so many places right of the main diagonal. */
  readonly offset?: number;
  /** The two axes of the matrices; the first two where absent. */
  readonly axes?: readonly [number, number];
}

/** The diagonal of two axes of known size, which go, as a new last axis. */
export function diagonal<D extends DType>(
  x: Tensor<readonly [Dimension, Dimension], D>,
  options?: DiagonalOptions,
): Tensor<readonly [number], D>;
export function diagonal<D extends DType>(x: Tensor<Shape, D>, options?: DiagonalOptions): Tensor<Shape, D>;
export function diagonal(x: Tensor, { offset = 0, axes = [0, 1] }: DiagonalOptions = {}): Tensor {
  return new Tensor(arrange.diagonal(x.value, offset, axes));
}

/** The sum of a matrix' main diagonal. */
export function trace<D extends DType>(
  x: Tensor<readonly [Dimension, Dimension], D>,
): Tensor<readonly [], D> {
  return new Tensor(arrange.trace(x.value, [0, 1]));
}

/**
 * Vectors as the axes of a grid: each stretched to the shape of all. By "ij" the first varies along the first axis, by
 * "xy" along the second, as columns of a picture.
 */
export function meshgrid<const T extends readonly Tensor[]>(
  vectors: T,
  indexing: "ij" | "xy" = "ij",
): { readonly [Index in keyof T]: Tensor<{ readonly [Axis in keyof T]: Dimension }, T[Index]["dtype"]> } {
  const grids = arrange.meshgrid(
    vectors.map(({ value }) => value),
    indexing === "xy",
  );
  // SAFETY: there is one grid for each vector.
  return grids.map((value) => new Tensor(value)) as {
    readonly [Index in keyof T]: Tensor<{ readonly [Axis in keyof T]: Dimension }, T[Index]["dtype"]>;
  };
}

/** `count` numbers from `start` to `stop` inclusive, at equal distances. */
export function linspace<const N extends number>(
  start: number,
  stop: number,
  count: N,
): Tensor<readonly [N], "float32"> {
  if (!Number.isInteger(count) || count < 0) throw new GraphError(`linspace: ${count} is no count`);
  const numbers = Array.from({ length: count }, (_, at) =>
    at === count - 1 && count > 1 ? stop : start + ((stop - start) * at) / Math.max(1, count - 1),
  );
  return new Tensor(constant("float32", arrayOfNumbers("float32", numbers), [count]));
}

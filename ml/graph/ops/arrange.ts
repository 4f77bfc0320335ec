/** @file Values turned around, shifted, repeated, stacked and cut to triangles. */
import { GraphError } from "../errors.ts";
import { normalAxes, normalAxis, showShape, type Dimension, type Shape } from "../shape.ts";
import { integers, scalar, type Value } from "../value.ts";
import { apply } from "./apply.ts";
import { multiply, subtract } from "./elementwise.ts";
import { gather } from "./gather.ts";
import { sum } from "./reduce.ts";
import { remainder } from "./rounding.ts";
import { positionsAlong } from "./scatter.ts";
import {
  broadcastTo,
  concat,
  reshape,
  slice,
  sizeOf,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from "./shape-ops.ts";

/** Axes from end to start. */
export const flip = (x: Value, axes?: number | readonly number[]): Value =>
  slice(
    x,
    normalAxes("flip", axes, x.shape.length).map((axis) => ({ axis, start: -1, step: -1 })),
  );

/** Shifted by `shift` places along an axis; what leaves at the end comes in at the start. */
export function roll(x: Value, shift: number, axis: number): Value {
  const along = normalAxis("roll", axis, x.shape.length);
  const size = x.shape[along] ?? 1;
  if (typeof size !== "number") {
    const from = remainder(subtract(positionsAlong(x, along), shift), sizeOf(x, along));
    return gather(x, from, along);
  }
  const places = size === 0 ? 0 : ((shift % size) + size) % size;
  if (places === 0) return x;
  const [head, tail] = split(x, [size - places, places], along);
  return head && tail ? concat([tail, head], along) : x;
}

/** The whole repeated `counts[axis]` times along each axis. */
export function tile(x: Value, counts: readonly number[]): Value {
  if (counts.length < x.shape.length)
    throw new GraphError(`tile: ${counts.length} counts for the axes of ${showShape(x.shape)}`);
  const added = Array.from({ length: counts.length - x.shape.length }, (_, at) => at);
  const full = unsqueeze(x, added);
  return counts.every((count) => count === 1) ? full : apply("Tile", [full, integers(counts)]);
}

/** Each slice along an axis repeated `count` times in its place. */
export function repeat(x: Value, count: number, axis: number): Value {
  const along = normalAxis("repeat", axis, x.shape.length);
  const apart = unsqueeze(x, along + 1);
  const stretched = broadcastTo(apart, apart.shape.with(along + 1, count), [x]);
  return reshape(stretched, x.shape.with(along, -1));
}

/** Values of one shape side by side along a new axis at this position of the result. */
export function stack(values: readonly Value[], axis: number): Value {
  return concat(
    values.map((value) => unsqueeze(value, axis)),
    normalAxis("stack", axis, (values[0]?.shape.length ?? 0) + 1),
  );
}

/** The slices of an axis of known size, without it. */
export function unstack(x: Value, axis: number): readonly Value[] {
  const along = normalAxis("unstack", axis, x.shape.length);
  const count = x.shape[along];
  if (typeof count !== "number") throw new GraphError(`unstack: the size of axis ${along} is not known`);
  const ones = Array.from({ length: count }, () => 1);
  return split(x, ones, along).map((part) => squeeze(part, along));
}

/** Joined along an axis that keeps its size in each: with edges from the other side, as of a circle. */
export function padCircular(x: Value, before: readonly number[], after: readonly number[]): Value {
  return x.shape.reduce((value: Value, _, axis) => {
    const [head, tail] = [before[axis] ?? 0, after[axis] ?? 0];
    const size = x.shape[axis];
    if (typeof size === "number" && Math.max(head, tail) > size)
      throw new GraphError(`pad: axis ${axis} of size ${size} repeats at most ${size} elements`);
    return concat(
      [
        ...(head > 0 ? [slice(value, [{ axis, start: -head }])] : []),
        value,
        ...(tail > 0 ? [slice(value, [{ axis, start: 0, end: tail }])] : []),
      ],
      axis,
    );
  }, x);
}

/** Matrices (the last two axes) with zeros below (`upper`) or above their `offset`-th diagonal. */
export function triangle(x: Value, upper: boolean, offset: number): Value {
  if (x.shape.length < 2) throw new GraphError(`a triangle is of a matrix, not of ${showShape(x.shape)}`);
  return apply("Trilu", [x, scalar("int64", offset)], { upper: { int: upper ? 1 : 0 } });
}

/** The diagonal of two axes, which go, as a new last axis; `offset` above 0 lies to the right of the main one. */
export function diagonal(x: Value, offset: number, axes: readonly [number, number]): Value {
  const rank = x.shape.length;
  const [rowAxis, columnAxis] = axes.map((axis) => normalAxis("diagonal", axis, rank));
  if (rowAxis === undefined || columnAxis === undefined || rowAxis === columnAxis)
    throw new GraphError(`diagonal: [${axes.join(", ")}] are not two axes`);
  const [rows, columns] = [x.shape[rowAxis], x.shape[columnAxis]];
  if (typeof rows !== "number" || typeof columns !== "number")
    throw new GraphError(`diagonal: the sizes of the axes ${axes.join(" and ")} must be known`);
  const rest = x.shape.map((_, axis) => axis).filter((axis) => axis !== rowAxis && axis !== columnAxis);
  const matrices = transpose(x, [...rest, rowAxis, columnAxis]);
  const flat = reshape(matrices, [...matrices.shape.slice(0, -2), rows * columns], [x]);
  const first = offset < 0 ? -offset * columns : offset;
  const length = Math.max(0, Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)));
  return gather(flat, integers(Array.from({ length }, (_, at) => first + at * (columns + 1))), -1);
}

/** The sum of the main diagonal of two axes. */
export const trace = (x: Value, axes: readonly [number, number]): Value =>
  sum(diagonal(x, 0, axes), { axes: -1 });

/** A matrix with a vector on its diagonal and zeros elsewhere. */
export function diag(x: Value): Value {
  const [size] = x.shape;
  if (x.shape.length !== 1 || typeof size !== "number")
    throw new GraphError(`diag is of a vector of known size, not of ${showShape(x.shape)}`);
  const positions = integers(Array.from({ length: size }, (_, at) => at * (size + 1)));
  const zeros = broadcastTo(scalar(x.dtype, 0), [size * size]);
  const flat = apply("ScatterElements", [zeros, positions, x], { axis: { int: 0 } });
  return reshape(flat, [size, size]);
}

/** Running sums along an axis. */
export function cumsum(x: Value, axis: number): Value {
  const along = normalAxis("cumsum", axis, x.shape.length);
  return apply("CumSum", [x, scalar("int64", along)]);
}

/**
 * Running products along an axis of known size n: in ⌈log₂ n⌉ steps each element takes in the product of those before it
 * (Hillis and Steele, "Data Parallel Algorithms", 1986), so that zeros and signs need no special care.
 */
export function cumprod(x: Value, axis: number): Value {
  const along = normalAxis("cumprod", axis, x.shape.length);
  const size = x.shape[along];
  if (typeof size !== "number") throw new GraphError(`cumprod: the size of axis ${along} is not known`);
  let result = x;
  for (let reach = 1; reach < size; reach *= 2) {
    const [first, others] = split(result, [reach, size - reach], along);
    const [earlier] = split(result, [size - reach, reach], along);
    if (first && others && earlier) result = concat([first, multiply(others, earlier)], along);
  }
  return result;
}

/** Vectors as the axes of a grid: each stretched to the shape of all, along its own axis (or the first two swapped). */
export function meshgrid(vectors: readonly Value[], swapped: boolean): readonly Value[] {
  const wrong = vectors.find(({ shape }) => shape.length !== 1);
  if (wrong) throw new GraphError(`meshgrid takes vectors, not ${showShape(wrong.shape)}`);
  const order = vectors.map((_, at) => (swapped && at < 2 && vectors.length > 1 ? 1 - at : at));
  const shape: Shape = order.map((at): Dimension => vectors[at]?.shape[0] ?? 1);
  return vectors.map((vector, at) => {
    const axis = order.indexOf(at);
    const others = shape.map((_, each) => each).filter((each) => each !== axis);
    return broadcastTo(unsqueeze(vector, others), shape, vectors);
  });
}

/** @file Shapes of tensors: sizes that are numbers, or names for sizes that are known only when a program runs. */
import { GraphError } from "./errors.ts";

/** The size of an axis: a number, or a name for a size that is known when the program runs. */
export type Dimension = number | string;

/** Sizes of all axes, outermost first; `[]` is a scalar. */
export type Shape = readonly Dimension[];

/** A shape as text, such as `[batch, 64]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Whether two shapes are the same, names included. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The sizes of a shape that has no names; undefined for one that has. */
export function knownSizes(shape: Shape): readonly number[] | undefined {
  return shape.every((size) => typeof size === "number") ? shape : undefined;
}

/** The number of elements; undefined where a size is a name. */
export function elementCount(shape: Shape): number | undefined {
  return knownSizes(shape)?.reduce((product, size) => product * size, 1);
}

/**
 * An axis counted from the front, from one that may be negative (-1 is the last).
 * @throws {@link GraphError} when there is no such axis
 */
export function normalAxis(what: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new GraphError(`${what}: there is no axis ${axis} in a tensor of ${rank} axes`);
  return axis < 0 ? axis + rank : axis;
}

/** Axes counted from the front, in ascending order; all axes where undefined. */
export function normalAxes(
  what: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const normal = [axes].flat().map((axis) => normalAxis(what, axis, rank));
  if (new Set(normal).size < normal.length)
    throw new GraphError(`${what}: an axis is named twice in [${normal.join(", ")}]`);
  return normal.sort((a, b) => a - b);
}

/**
 * The shape of an element-wise result, as NumPy broadcasts: axes are matched from the last, and size 1 stretches.
 * @throws {@link GraphError} when sizes differ
 */
export function broadcastShapes(what: string, ...shapes: readonly Shape[]): Shape {
  const [first = [], ...others] = shapes;
  return others.reduce((a, b) => {
    const rank = Math.max(a.length, b.length);
    return Array.from({ length: rank }, (_, axis): Dimension => {
      const left = a[axis - rank + a.length] ?? 1;
      const right = b[axis - rank + b.length] ?? 1;
      if (left === 1 || left === right) return right;
      if (right === 1) return left;
      throw new GraphError(
        `${what}: ${showShape(a)} and ${showShape(b)} do not broadcast: ${left} against ${right}`,
      );
    });
  }, first);
}

/** The sizes in row-major order of what lies between neighbours along each axis. */
export function strides(sizes: readonly number[]): number[] {
  const result = Array.from({ length: sizes.length }, () => 1);
  for (let axis = sizes.length - 2; axis >= 0; axis--)
    result[axis] = (result[axis + 1] ?? 1) * (sizes[axis + 1] ?? 1);
  return result;
}

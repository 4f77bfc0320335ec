/** @file How many elements there are, known or not. */
import { elementCount } from "../shape.ts";
import type { Value } from "../value.ts";
import { cast, multiply, type Operand } from "./elementwise.ts";
import { reshape, sizeOf } from "./shape-ops.ts";

/** The number of elements over axes: a number where it is known, else a scalar of the value's element type. */
export function countOver(x: Value, axes: readonly number[]): Operand {
  const known = elementCount(axes.map((axis) => x.shape[axis] ?? 1));
  if (known !== undefined) return known;
  const sizes = axes.map((axis) => reshape(sizeOf(x, axis), []));
  return cast(
    sizes.reduce((product, size) => multiply(product, size)),
    x.dtype,
  );
}

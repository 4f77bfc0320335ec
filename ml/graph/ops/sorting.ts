/** @file Values put in order: the largest, their positions, places in a sorted list. */
import { GraphError } from "../errors.ts";
import { normalAxis, showShape } from "../shape.ts";
import { integers, type Value } from "../value.ts";
import { apply, applyAll } from "./apply.ts";
import { cast, lessOrEqual, less } from "./elementwise.ts";
import { sum } from "./reduce.ts";
import { reshape, sizeOf, unsqueeze } from "./shape-ops.ts";

/** Values in order with their positions (int64) in the axis that they are from. */
export interface Ordered {
  readonly values: Value;
  readonly positions: Value;
}

/** The `count` largest (or smallest) along an axis, in order; of equal ones the first comes first. */
export function topK(x: Value, count: number, axis = -1, largest = true): Ordered {
  const along = normalAxis("topK", axis, x.shape.length);
  const size = x.shape[along];
  if (!Number.isInteger(count) || count < 0 || (typeof size === "number" && count > size))
    throw new GraphError(`topK: there are no ${count} elements along axis ${along} of ${showShape(x.shape)}`);
  return ordered(x, integers([count]), along, largest);
}

/** All along an axis in order, ascending or descending; of equal ones the first comes first. */
export function sort(x: Value, axis = -1, descending = false): Ordered {
  const along = normalAxis("sort", axis, x.shape.length);
  return ordered(x, sizeOf(x, along), along, descending);
}

function ordered(x: Value, count: Value, axis: number, largest: boolean): Ordered {
  const attributes = { axis: { int: axis }, largest: { int: largest ? 1 : 0 }, sorted: { int: 1 } };
  const [known] = count.source.kind === "data" ? Array.from(count.source.data, Number) : [];
  const shape = x.shape.with(axis, known ?? x.shape[axis] ?? 1);
  const types = [
    { dtype: x.dtype, shape },
    { dtype: "int64" as const, shape },
  ];
  const [values, positions] = applyAll("TopK", [x, count], attributes, { outputCount: 2, types });
  if (!values || !positions) throw new GraphError("TopK has no output");
  return { values, positions };
}

function argument(operator: string, x: Value, axis: number | undefined, keepAxes: boolean): Value {
  if (axis === undefined) {
    const found = argument(operator, reshape(x, [-1]), 0, false);
    return keepAxes
      ? reshape(
          found,
          x.shape.map(() => 1),
        )
      : found;
  }
  return apply(operator, [x], {
    axis: { int: normalAxis(operator, axis, x.shape.length) },
    keepdims: { int: keepAxes ? 1 : 0 },
  });
}

/** The position (int64) of the largest along an axis, or among all in row-major order; the first of equal ones. */
export const argmax = (x: Value, axis?: number, keepAxes = false): Value =>
  argument("ArgMax", x, axis, keepAxes);
/** As {@link argmax}, of the smallest. */
export const argmin = (x: Value, axis?: number, keepAxes = false): Value =>
  argument("ArgMin", x, axis, keepAxes);

/**
 * Where in a sorted vector each value belongs (int64): before equal elements, or after them with `right`. Each value is
 * compared with each element.
 */
export function searchSorted(sorted: Value, values: Value, right = false): Value {
  if (sorted.shape.length !== 1)
    throw new GraphError(`searchSorted: the sorted values must be a vector, not ${showShape(sorted.shape)}`);
  const each = unsqueeze(values, -1);
  const isBefore = right ? lessOrEqual(sorted, each) : less(sorted, each);
  return sum(cast(isBefore, "int64"), { axes: -1 });
}

/** @file Elements of values picked by position. */
import { normalAxis } from "../shape.ts";
import type { Value } from "../value.ts";
import { apply } from "./apply.ts";

/**
 * Whole slices of an axis by their positions: the axis is replaced by those of `positions` (int32 or int64; negative
 * ones count from the end).
 */
export function gather(x: Value, positions: Value, axis = 0): Value {
  return apply("Gather", [x, positions], { axis: { int: normalAxis("gather", axis, x.shape.length) } });
}

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

/**
 * Single elements along an axis by their positions (int32 or int64), of the shape of `positions`; elsewhere those are the
 * result's own.
 */
export function gatherElements(x: Value, positions: Value, axis = -1): Value {
  const along = normalAxis("takeAlong", axis, x.shape.length);
  return apply("GatherElements", [x, positions], { axis: { int: along } });
}

/** Elements or slices at the positions that the last axis of `positions` (int64) holds. */
export function gatherND(x: Value, positions: Value): Value {
  return apply("GatherND", [x, positions]);
}

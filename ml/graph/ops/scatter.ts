/** @file Elements of values replaced or added to by position. */
import { normalAxis, sameShape } from "../shape.ts";
import { integers, scalar, type Value } from "../value.ts";
import { apply } from "./apply.ts";
import { reshape, sizeOf, slice, transpose, unsqueeze, type Range } from "./shape-ops.ts";
import { cast, equal } from "./elementwise.ts";
import { zerosLike } from "./zeros.ts";

/** What becomes of the elements that are scattered to: they are replaced, or added to. */
export type ScatterMode = "none" | "add";

const attributesOf = (mode: ScatterMode): Record<string, { readonly text: string }> =>
  mode === "add" ? { reduction: { text: mode } } : {};

/**
 * `x` with each element of `updates` put at its position (int32 or int64, of the same shape) along an axis; elsewhere the
 * positions are the updates' own. Replaced elements must not be named twice.
 */
export function scatter(
  x: Value,
  positions: Value,
  updates: Value,
  axis: number,
  mode: ScatterMode = "none",
): Value {
  return apply("ScatterElements", [x, positions, updates], {
    axis: { int: normalAxis("scatter", axis, x.shape.length) },
    ...attributesOf(mode),
  });
}

/** `x` with slices put at the positions that the last axis of `positions` (int64) holds. */
export function scatterND(x: Value, positions: Value, updates: Value, mode: ScatterMode = "none"): Value {
  return apply("ScatterND", [x, cast(positions, "int64"), updates], attributesOf(mode));
}

/**
 * `x` with the slices of `updates` added along an axis, each to the slice at its position; those named several times are
 * added several times.
 */
export function indexAdd(x: Value, positions: Value, updates: Value, axis = 0): Value {
  const along = normalAxis("indexAdd", axis, x.shape.length);
  if (along === 0) return scatterND(x, unsqueeze(positions, -1), updates, "add");
  // Whole slices are added at once along the first axis only.
  const rest = x.shape.map((_, at) => at).filter((at) => at !== along);
  const toFront = [along, ...rest];
  const back = toFront.map((_, at) => toFront.indexOf(at));
  const added = scatterND(
    transpose(x, toFront),
    unsqueeze(positions, -1),
    transpose(updates, toFront),
    "add",
  );
  const result = transpose(added, back);
  return sameShape(result.shape, x.shape) ? result : reshape(result, x.shape, [x]);
}

/** Zeros of the type and shape of `like` but for the slices at these positions (a vector) of an axis. */
export const spreadAlong = (like: Value, positions: Value, slices: Value, axis: number): Value =>
  indexAdd(zerosLike(like), positions, slices, axis);

/** The positions `[0, 1, …]` of an axis, as int64. */
export function positionsAlong(x: Value, axis: number): Value {
  const size = x.shape[axis] ?? 1;
  if (typeof size === "number") return integers(Array.from({ length: size }, (_, at) => at));
  const limit = reshape(sizeOf(x, axis), []);
  const zero = scalar("int64", 0);
  const types = [{ dtype: "int64" as const, shape: [size] }];
  return apply("Range", [zero, limit, scalar("int64", 1)], {}, { types });
}

/** Whether each of `positions` is each of `[0, …, depth - 1]`, along a new last axis, as numbers 1 and 0. */
export function oneHot(positions: Value, depth: number, dtype: Value["dtype"]): Value {
  const choices = integers(Array.from({ length: depth }, (_, at) => at));
  return cast(equal(unsqueeze(cast(positions, "int64"), -1), choices), dtype);
}

/** The part of an axis' positions that a range takes. */
export function positionsOf(x: Value, range: Range): Value {
  const positions = positionsAlong(x, range.axis);
  return slice(positions, [{ ...range, axis: 0 }]);
}

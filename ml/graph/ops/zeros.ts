/** @file Values filled with one number. */
import { knownSizes } from "../shape.ts";
import { scalar, type Value } from "../value.ts";
import { apply } from "./apply.ts";
import { shapeOf } from "./shape-ops.ts";

/** A value of another's type and shape, all elements the same number. */
export function fullLike(like: Value, number: number): Value {
  const one = scalar(like.dtype, number);
  if (knownSizes(like.shape)?.length === 0) return one;
  const types = [{ dtype: like.dtype, shape: like.shape }];
  return apply("Expand", [one, shapeOf(like)], {}, { types });
}

/** Zeros of another value's type and shape. */
export function zerosLike(like: Value): Value {
  return fullLike(like, 0);
}

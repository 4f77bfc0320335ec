/** @file Rounding, remainders, limits and tests of numbers. */
import { isFloat } from "../dtype.ts";
import type { Value } from "../value.ts";
import { apply } from "./apply.ts";
import * as op from "./elementwise.ts";

/** The whole part: rounded towards 0. */
export const trunc = (x: Value): Value => op.where(op.less(x, 0), op.ceil(x), op.floor(x));

/**
 * The remainder with the sign of the dividend, `a - b · trunc(a / b)`: JavaScript's `%`, C's and NumPy's `fmod` (ONNX
 * Mod with fmod = 1).
 */
export function fmod(a: op.Operand, b: op.Operand): Value {
  const [left, right] = pair(a, b);
  return apply("Mod", [left, right], { fmod: { int: 1 } });
}

/**
 * The remainder with the sign of the divisor, `a - b · floor(a / b)`: `remainder` of NumPy and PyTorch, Python's `%`.
 */
export function remainder(a: op.Operand, b: op.Operand): Value {
  const [left, right] = pair(a, b);
  if (!isFloat(left.dtype)) return apply("Mod", [left, right]);
  const rest = fmod(left, right);
  const isOther = op.and(op.notEqual(rest, 0), op.xor(op.less(rest, 0), op.less(right, 0)));
  return op.where(isOther, op.add(rest, right), rest);
}

/** The quotient rounded down, `floor(a / b)`. */
export function floorDivide(a: op.Operand, b: op.Operand): Value {
  const [left, right] = pair(a, b);
  if (isFloat(left.dtype)) return op.floor(op.divide(left, right));
  return op.divide(op.subtract(left, remainder(left, right)), right);
}

function pair(a: op.Operand, b: op.Operand): readonly [Value, Value] {
  const like = typeof a === "number" ? b : a;
  const dtype = typeof like === "number" ? "float32" : like.dtype;
  return [op.toValue(a, dtype), op.toValue(b, dtype)];
}

/**
 * Limited to at least `low` and at most `high`, either of which may be left out; at a limit the gradient flows
 * (ONNX operator specification, Clip).
 */
export function clip(x: Value, low: number | undefined, high: number | undefined): Value {
  if (low === undefined && high === undefined) return x;
  return apply("Clip", [
    x,
    low === undefined ? undefined : op.toValue(low, x.dtype),
    high === undefined ? undefined : op.toValue(high, x.dtype),
  ]);
}

/** Whether it is no number, as bool. */
export const isNaN = (x: Value): Value => apply("IsNaN", [x]);
/** Whether it is positive or negative infinity, as bool. */
export const isInf = (x: Value): Value => apply("IsInf", [x]);
/** Whether it is neither infinite nor NaN, as bool. */
export const isFinite = (x: Value): Value => op.less(op.abs(x), Number.POSITIVE_INFINITY);

/** Whether `|a - b| ≤ absolute + relative · |b|`, as bool: NumPy's `isclose`. */
export function isClose(a: Value, b: Value, relative: number, absolute: number): Value {
  const bound = op.add(op.multiply(op.abs(b), relative), absolute);
  const near = op.lessOrEqual(op.abs(op.subtract(a, b)), bound);
  // Equal infinities are close; their difference is NaN. A finite number is not close to an infinite one.
  return op.or(op.equal(a, b), op.and(near, isFinite(b)));
}

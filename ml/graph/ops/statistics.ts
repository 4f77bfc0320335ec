/**
 * @file Reductions of values beyond sum, mean and extremes: moments, norms, logical ones.
 *
 * Norms and logSumExp are composed: ONNX Runtime's own operators for them are several times slower over any axis but
 * the last.
 */
import { normalAxes } from "../shape.ts";
import { stopGradient, withGradient, type Value } from "../value.ts";
import { countOver } from "./count.ts";
import * as op from "./elementwise.ts";
import { max, mean, sum, type Over } from "./reduce.ts";
import { isFinite } from "./rounding.ts";
import { reshape } from "./shape-ops.ts";

interface Moments {
  readonly variance: Value;
  /** The elements less their mean. */
  readonly centered: Value;
  readonly divisor: op.Operand;
  readonly kept: (reduced: Value) => Value;
}

/** Computed in two passes: `mean(x²) - mean(x)²` would cancel. */
function moments(what: string, x: Value, over: Over, correction: number): Moments {
  const axes = normalAxes(what, over.axes, x.shape.length);
  const centered = op.subtract(x, mean(x, { axes, keepAxes: true }));
  const count = countOver(x, axes);
  const divisor = typeof count === "number" ? count - correction : op.subtract(count, correction);
  return {
    variance: op.divide(sum(op.square(centered), { ...over, axes }), divisor),
    centered,
    divisor,
    kept: keepingAxes(x, axes),
  };
}

/** Puts axes that a reduction of `x` took away back, with size 1. */
function keepingAxes(x: Value, axes: readonly number[]): (reduced: Value) => Value {
  const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return (reduced) => reshape(reduced, shape, [x]);
}

/** The variance over axes, `Σ (x - mean)² / (n - correction)`. */
export function variance(x: Value, over: Over, correction: number): Value {
  const { variance: value, centered, divisor, kept } = moments("variance", x, over, correction);
  // The mean's own share of the derivative is zero: the deviations sum to 0.
  return withGradient(value, [x], (gradient) => [
    op.multiply(centered, op.divide(op.multiply(kept(gradient), 2), divisor)),
  ]);
}

/** The standard deviation, the root of {@link variance}; its gradient where all elements are equal is 0. */
export function standardDeviation(x: Value, over: Over, correction: number): Value {
  const { variance: squared, centered, divisor, kept } = moments("std", x, over, correction);
  const value = op.sqrt(squared);
  return withGradient(value, [x], (gradient) => [
    op.multiply(centered, op.divide(kept(gradient), op.multiply(oneWhereZero(kept(value)), divisor))),
  ]);
}

const oneWhereZero = (x: Value): Value => op.where(op.equal(x, 0), 1, x);

/** The orders of {@link norm}. */
export type NormOrder = 1 | 2 | "max";

/**
 * The norm of vectors over axes: the sum of sizes, the root of the sum of squares, or the largest size. The gradient of
 * the second at 0 is 0.
 */
export function norm(x: Value, order: NormOrder, over: Over): Value {
  if (order === 1) return sum(op.abs(x), over);
  if (order === "max") return max(op.abs(x), over);
  const axes = normalAxes("norm", over.axes, x.shape.length);
  const value = op.sqrt(sum(op.square(x), { ...over, axes }));
  const kept = keepingAxes(x, axes);
  return withGradient(value, [x], (gradient) => [
    op.multiply(x, op.divide(kept(gradient), oneWhereZero(kept(value)))),
  ]);
}

/** `log Σ e^x` over axes, without overflow: the largest element is taken out first. */
export function logSumExp(x: Value, over: Over): Value {
  const axes = normalAxes("logSumExp", over.axes, x.shape.length);
  const largest = stopGradient(max(x, { axes, keepAxes: true }));
  // What is infinite is left in: ∞ - ∞ would be NaN.
  const shift = op.where(isFinite(largest), largest, 0);
  const total = sum(op.exp(op.subtract(x, shift)), { axes, keepAxes: true });
  const value = op.add(op.log(total), shift);
  return over.keepAxes
    ? value
    : reshape(
        value,
        x.shape.filter((_, axis) => !axes.includes(axis)),
        [x],
      );
}

/** Numbers as "is not zero"; bools as they are. */
const truth = (x: Value): Value => (x.dtype === "bool" ? x : op.notEqual(x, 0));

/** Whether any is true, or not zero, as bool. */
export function any(x: Value, over: Over): Value {
  // ONNX Runtime reduces no bools.
  return op.cast(max(op.cast(truth(x), "int32"), over), "bool");
}

/** Whether all are true, or not zero, as bool. */
export const all = (x: Value, over: Over): Value => op.not(any(op.not(truth(x)), over));

/** How many are true, or not zero, as int64. */
export const countNonzero = (x: Value, over: Over): Value => sum(op.cast(truth(x), "int64"), over);

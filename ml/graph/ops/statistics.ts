/** @file Reductions of values beyond sum, mean and extremes: moments, norms, logical ones. */
import { normalAxes } from "../shape.ts";
import { withGradient, type Value } from "../value.ts";
import { apply } from "./apply.ts";
import * as op from "./elementwise.ts";
import { max, mean, reducedCount, sum, type Over } from "./reduce.ts";
import { reshape } from "./shape-ops.ts";

/**
 * The variance over axes, `Σ (x - mean)² / (n - correction)`: computed in two passes, since `mean(x²) - mean(x)²` would
 * cancel.
 */
export function variance(x: Value, over: Over, correction: number): Value {
  const axes = normalAxes("variance", over.axes, x.shape.length);
  const centered = op.subtract(x, mean(x, { axes, keepAxes: true }));
  const divisor = op.subtract(op.toValue(reducedCount(x, axes), x.dtype), correction);
  const value = op.divide(sum(op.square(centered), { ...over, axes }), divisor);
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  // The mean's own share of the derivative is zero: the deviations sum to 0.
  return withGradient(value, [x], (gradient) => [
    op.multiply(centered, op.divide(op.multiply(reshape(gradient, kept, [x]), 2), divisor)),
  ]);
}

/** The orders of {@link norm}. */
export type NormOrder = 1 | 2 | "max";

/** The norm of vectors over axes: the sum of sizes, the root of the sum of squares, or the largest size. */
export function norm(x: Value, order: NormOrder, over: Over): Value {
  if (order === "max") return max(op.abs(x), over);
  const axes = normalAxes("norm", over.axes, x.shape.length);
  return apply(order === 1 ? "ReduceL1" : "ReduceL2", [x], {
    axes: { ints: axes },
    keepdims: { int: over.keepAxes ? 1 : 0 },
  });
}

/** `log Σ e^x` over axes, without overflow. */
export function logSumExp(x: Value, over: Over): Value {
  return apply("ReduceLogSumExp", [x], {
    axes: { ints: normalAxes("logSumExp", over.axes, x.shape.length) },
    keepdims: { int: over.keepAxes ? 1 : 0 },
  });
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

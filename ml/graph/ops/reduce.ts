/** @file Reductions of values over axes. */
import { GraphError } from "../errors.ts";
import { normalAxes, sameShape, showShape, type Shape } from "../shape.ts";
import { integers, type Value } from "../value.ts";
import { apply } from "./apply.ts";
import { reshape } from "./shape-ops.ts";

/** Axes to reduce over (all where absent), and whether they stay with size 1. */
export interface Over {
  readonly axes?: number | readonly number[] | undefined;
  readonly keepAxes?: boolean | undefined;
}

function reduce(operator: string, x: Value, { axes, keepAxes = false }: Over): Value {
  const over = normalAxes(operator, axes, x.shape.length);
  if (over.length === 0) return x;
  const keepdims = { int: keepAxes ? 1 : 0 };
  // The operator set gives the axes of a sum as an input, of the others as an attribute.
  return operator === "ReduceSum"
    ? apply(operator, [x, integers(over)], { keepdims })
    : apply(operator, [x], { axes: { ints: over }, keepdims });
}

/** ONNX Runtime gives 0 or an infinity where there is nothing to reduce: a result that nobody would notice. */
function reduceSome(what: string, operator: string, x: Value, over: Over): Value {
  const axes = normalAxes(what, over.axes, x.shape.length);
  if (
    axes.some((axis) => x.shape[axis] === 0) &&
    x.shape.every((size, axis) => size !== 0 || axes.includes(axis))
  )
    throw new GraphError(`${what}: ${showShape(x.shape)} has no elements`);
  return reduce(operator, x, over);
}

/** The sum. */
export const sum = (x: Value, over: Over = {}): Value => reduce("ReduceSum", x, over);
/** The arithmetic mean. Throws {@link GraphError} where it is known to be of nothing, as {@link max} and {@link min} do. */
export const mean = (x: Value, over: Over = {}): Value => reduceSome("mean", "ReduceMean", x, over);
/** The largest. */
export const max = (x: Value, over: Over = {}): Value => reduceSome("max", "ReduceMax", x, over);
/** The smallest. */
export const min = (x: Value, over: Over = {}): Value => reduceSome("min", "ReduceMin", x, over);
/** The product. */
export const product = (x: Value, over: Over = {}): Value => reduce("ReduceProd", x, over);

/** Sums a gradient over the axes along which a value of `shape` was stretched to the gradient's. */
export function sumTo(gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const added = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((size, axis) =>
    axis < added || (shape[axis - added] === 1 && size !== 1) ? [axis] : [],
  );
  const summed = sum(gradient, { axes, keepAxes: true });
  return reshape(summed, shape);
}

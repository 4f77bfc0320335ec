/** @file Element-wise arithmetic, comparisons and functions of values, broadcast as NumPy does. */
import type { DType } from "../dtype.ts";
import { isFloat, onnxElementTypes } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { resolve, scalar, type Value } from "../value.ts";
import { apply } from "./apply.ts";

/** A value, or a number that takes the other operand's element type. */
export type Operand = Value | number;

function binary(operator: string, a: Operand, b: Operand): Value {
  const like = typeof a === "number" ? b : a;
  const dtype = typeof like === "number" ? "float32" : like.dtype;
  return apply(operator, [toValue(a, dtype), toValue(b, dtype)]);
}

/**
 * An operand as a value; a number becomes a scalar of the type.
 * @throws {@link GraphError} for a number that the type does not have: fractions of whole numbers
 */
export function toValue(operand: Operand, dtype: DType): Value {
  if (typeof operand === "number" && !isFloat(dtype) && !Number.isInteger(operand))
    throw new GraphError(`${operand} is no ${dtype}; convert the tensor with cast()`);
  return typeof operand === "number" ? scalar(dtype, operand) : operand;
}

/** `a + b`. */
export const add = (a: Operand, b: Operand): Value => binary("Add", a, b);
/** `a - b`. */
export const subtract = (a: Operand, b: Operand): Value => binary("Sub", a, b);
/** `a · b`, element by element. */
export const multiply = (a: Operand, b: Operand): Value => binary("Mul", a, b);
/** `a / b`; of integers, rounded towards zero. */
export const divide = (a: Operand, b: Operand): Value => binary("Div", a, b);
/** `a` to the power `b`. */
export const power = (a: Operand, b: Operand): Value => binary("Pow", a, b);
/** The larger of both. */
export const maximum = (a: Operand, b: Operand): Value => binary("Max", a, b);
/** The smaller of both. */
export const minimum = (a: Operand, b: Operand): Value => binary("Min", a, b);

/** Whether `a = b`, as bool. */
export const equal = (a: Operand, b: Operand): Value => binary("Equal", a, b);
/** Whether `a > b`, as bool. */
export const greater = (a: Operand, b: Operand): Value => binary("Greater", a, b);
/** Whether `a ≥ b`, as bool. */
export const greaterOrEqual = (a: Operand, b: Operand): Value => binary("GreaterOrEqual", a, b);
/** Whether `a < b`, as bool. */
export const less = (a: Operand, b: Operand): Value => binary("Less", a, b);
/** Whether `a ≤ b`, as bool. */
export const lessOrEqual = (a: Operand, b: Operand): Value => binary("LessOrEqual", a, b);
/** Whether `a ≠ b`, as bool; NaN differs from everything. */
export const notEqual = (a: Operand, b: Operand): Value => not(equal(a, b));
/** Both, of bools. */
export const and = (a: Value, b: Value): Value => apply("And", [a, b]);
/** Either, of bools. */
export const or = (a: Value, b: Value): Value => apply("Or", [a, b]);
/** One but not both, of bools. */
export const xor = (a: Value, b: Value): Value => apply("Xor", [a, b]);
/** The opposite of bools. */
export const not = (x: Value): Value => apply("Not", [x]);

/** `-x`. */
export const negate = (x: Value): Value => apply("Neg", [x]);
/** `|x|`. */
export const abs = (x: Value): Value => apply("Abs", [x]);
/** `e^x`. */
export const exp = (x: Value): Value => apply("Exp", [x]);
/** The natural logarithm. */
export const log = (x: Value): Value => apply("Log", [x]);
/** The square root. */
export const sqrt = (x: Value): Value => apply("Sqrt", [x]);
/** `1 / x`. */
export const reciprocal = (x: Value): Value => apply("Reciprocal", [x]);
/** `x²`. */
export const square = (x: Value): Value => multiply(x, x);
/** The sine of radians. */
export const sin = (x: Value): Value => apply("Sin", [x]);
/** The cosine of radians. */
export const cos = (x: Value): Value => apply("Cos", [x]);
/** The hyperbolic tangent. */
export const tanh = (x: Value): Value => apply("Tanh", [x]);
/** The logistic function, `1 / (1 + e^-x)`. */
export const sigmoid = (x: Value): Value => apply("Sigmoid", [x]);
/** `max(x, 0)`. */
export const relu = (x: Value): Value => apply("Relu", [x]);
/** `log(1 + e^x)`, without overflow. */
export function softplus(x: Value): Value {
  // ONNX Runtime has no Softplus for float64.
  if (x.dtype === "float64") return add(relu(x), log(add(exp(negate(abs(x))), 1)));
  return apply("Softplus", [x]);
}
/** The error function. */
export const erf = (x: Value): Value => apply("Erf", [x]);
/** -1, 0 or 1 by the sign. */
export const sign = (x: Value): Value => apply("Sign", [x]);
/** The largest whole number that isn't larger. */
export const floor = (x: Value): Value => apply("Floor", [x]);
/** The smallest whole number that isn't smaller. */
export const ceil = (x: Value): Value => apply("Ceil", [x]);
/** The nearest whole number; halves go to the even one. */
export const round = (x: Value): Value => apply("Round", [x]);

/** `a` where the condition holds, else `b`. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const like = typeof a === "number" ? b : a;
  const dtype = typeof like === "number" ? "float32" : like.dtype;
  const [chosen, other] = [toValue(a, dtype), toValue(b, dtype)];
  // ONNX Runtime has no Where of bools.
  if (dtype === "bool") return or(and(condition, chosen), and(not(condition), other));
  return apply("Where", [condition, chosen, other]);
}

/** The value as elements of another type. */
export function cast(x: Value, dtype: DType): Value {
  return resolve(x).dtype === dtype ? x : apply("Cast", [x], { to: { int: onnxElementTypes[dtype] } });
}

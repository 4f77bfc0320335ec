/**
 * @file Element-wise functions of tensors, broadcast as NumPy does. Each keeps shape and element type, or gives bools.
 * Definitions: the ONNX operator of the name; where it has none, the formula is given.
 */
import type { DType, FloatDType } from "../dtype.ts";
import * as basic from "../ops/elementwise.ts";
import * as exponentials from "../ops/exponentials.ts";
import * as rounding from "../ops/rounding.ts";
import * as trigonometry from "../ops/trigonometry.ts";
import type { AsShape, Broadcast } from "../shape-types.ts";
import type { Shape } from "../shape.ts";
import { Tensor, type Other } from "../tensor.ts";
import type { Value } from "../value.ts";

/** A function of each element of a floating tensor. */
export type FloatFunction = <S extends Shape, D extends FloatDType>(x: Tensor<S, D>) => Tensor<S, D>;
/** A function of each element of a tensor of numbers. */
export type NumberFunction = <S extends Shape, D extends DType>(x: Tensor<S, D>) => Tensor<S, D>;
/** A test of each element. */
export type Test<From extends DType> = <S extends Shape>(x: Tensor<S, From>) => Tensor<S, "bool">;

/** A function of values as one of tensors. */
function lift(compute: (x: Value) => Value): (x: Tensor) => Tensor {
  return (x) => new Tensor(compute(x.value));
}

/** `e^x`. */
export const exp: FloatFunction = lift(basic.exp);
/** `2^x`. */
export const exp2: FloatFunction = lift(exponentials.exp2);
/** `e^x - 1`, exact also near 0. */
export const expm1: FloatFunction = lift(exponentials.expm1);
/** The natural logarithm. */
export const log: FloatFunction = lift(basic.log);
/** The logarithm to base 2. */
export const log2: FloatFunction = lift(exponentials.log2);
/** The logarithm to base 10. */
export const log10: FloatFunction = lift(exponentials.log10);
/** `log(1 + x)`, exact also near 0. */
export const log1p: FloatFunction = lift(exponentials.log1p);
/** The square root. */
export const sqrt: FloatFunction = lift(basic.sqrt);
/** `1 / √x`. */
export const rsqrt: FloatFunction = lift(exponentials.rsqrt);
/** `1 / x`. */
export const reciprocal: FloatFunction = lift(basic.reciprocal);
/** The sine of radians. */
export const sin: FloatFunction = lift(basic.sin);
/** The cosine of radians. */
export const cos: FloatFunction = lift(basic.cos);
/** The tangent of radians. */
export const tan: FloatFunction = lift(trigonometry.tan);
/** The angle in [-π/2, π/2] whose sine is x (float32). */
export const asin: FloatFunction = lift(trigonometry.asin);
/** The angle in [0, π] whose cosine is x (float32). */
export const acos: FloatFunction = lift(trigonometry.acos);
/** The angle in (-π/2, π/2) whose tangent is x (float32). */
export const atan: FloatFunction = lift(trigonometry.atan);
/** The hyperbolic sine, `(e^x - e^-x) / 2`. */
export const sinh: FloatFunction = lift(trigonometry.sinh);
/** The hyperbolic cosine, `(e^x + e^-x) / 2`. */
export const cosh: FloatFunction = lift(trigonometry.cosh);
/** The hyperbolic tangent. */
export const tanh: FloatFunction = lift(basic.tanh);
/** The inverse of `sinh`. */
export const asinh: FloatFunction = lift(trigonometry.asinh);
/** The inverse of `cosh`, of x ≥ 1. */
export const acosh: FloatFunction = lift(trigonometry.acosh);
/** The inverse of `tanh`, of |x| < 1. */
export const atanh: FloatFunction = lift(trigonometry.atanh);
/** The error function, `2/√π ∫₀ˣ e^-t² dt` (float32). */
export const erf: FloatFunction = lift(basic.erf);
/** The largest whole number that isn't larger. */
export const floor: FloatFunction = lift(basic.floor);
/** The smallest whole number that isn't smaller. */
export const ceil: FloatFunction = lift(basic.ceil);
/** The nearest whole number; halves go to the even one. */
export const round: FloatFunction = lift(basic.round);
/** The whole part: rounded towards 0. */
export const trunc: FloatFunction = lift(rounding.trunc);

/** `|x|`. */
export const abs: NumberFunction = lift(basic.abs);
/** `-x`. */
export const negative: NumberFunction = lift(basic.negate);
/** -1, 0 or 1 by the sign. */
export const sign: NumberFunction = lift(basic.sign);
/** `x²`. */
export const square: NumberFunction = lift(basic.square);

/** Whether it is no number. */
export const isNaN: Test<FloatDType> = lift(rounding.isNaN);
/** Whether it is positive or negative infinity. */
export const isInf: Test<FloatDType> = lift(rounding.isInf);
/** Whether it is neither infinite nor NaN. */
export const isFinite: Test<FloatDType> = lift(rounding.isFinite);
/** The opposite of bools. */
export const logicalNot: Test<"bool"> = lift(basic.not);

/** A function of pairs of elements; a number takes the other operand's element type. */
export interface PairFunction {
  <const A extends Shape, const B extends Shape, D extends DType>(
    a: Tensor<A, D>,
    b: Other<A, B, NoInfer<D>>,
  ): Tensor<AsShape<Broadcast<A, B>>, D>;
  <S extends Shape, D extends DType>(a: Tensor<S, D>, b: number): Tensor<S, D>;
  <S extends Shape, D extends DType>(a: number, b: Tensor<S, D>): Tensor<S, D>;
}
/** A test of pairs of elements; a number takes the other operand's element type. */
export interface PairTest {
  <const A extends Shape, const B extends Shape, D extends DType>(
    a: Tensor<A, D>,
    b: Other<A, B, NoInfer<D>>,
  ): Tensor<AsShape<Broadcast<A, B>>, "bool">;
  <S extends Shape, D extends DType>(a: Tensor<S, D>, b: number): Tensor<S, "bool">;
  <S extends Shape, D extends DType>(a: number, b: Tensor<S, D>): Tensor<S, "bool">;
}

/** A function of two values as one of tensors or numbers. */
function liftPair(
  compute: (a: basic.Operand, b: basic.Operand) => Value,
): (a: Tensor | number, b: Tensor | number) => Tensor {
  const operand = (x: Tensor | number): basic.Operand => (typeof x === "number" ? x : x.value);
  return (a, b) => new Tensor(compute(operand(a), operand(b)));
}

/** The larger of both; where they are equal each receives half of the gradient. */
export const maximum: PairFunction = liftPair(basic.maximum);
/** The smaller of both; where they are equal each receives half of the gradient. */
export const minimum: PairFunction = liftPair(basic.minimum);
/** `a` to the power `b`. */
export const power: PairFunction = liftPair(basic.power);
/** The remainder with the sign of the divisor, `a - b · floor(a / b)`: `remainder` of NumPy and PyTorch. */
export const remainder: PairFunction = liftPair(rounding.remainder);
/** The remainder with the sign of the dividend, `a - b · trunc(a / b)`: JavaScript's `%`. */
export const fmod: PairFunction = liftPair(rounding.fmod);
/** The quotient rounded down, `floor(a / b)`. */
export const floorDivide: PairFunction = liftPair(rounding.floorDivide);

/** Whether `a = b`. */
export const equal: PairTest = liftPair(basic.equal);
/** Whether `a ≠ b`. */
export const notEqual: PairTest = liftPair(basic.notEqual);
/** Whether `a > b`. */
export const greater: PairTest = liftPair(basic.greater);
/** Whether `a ≥ b`. */
export const greaterOrEqual: PairTest = liftPair(basic.greaterOrEqual);
/** Whether `a < b`. */
export const less: PairTest = liftPair(basic.less);
/** Whether `a ≤ b`. */
export const lessOrEqual: PairTest = liftPair(basic.lessOrEqual);

/** A function of pairs of elements of tensors of one type. */
type TensorPair<Allowed extends DType> = <const A extends Shape, const B extends Shape, D extends Allowed>(
  a: Tensor<A, D>,
  b: Other<A, B, NoInfer<D>>,
) => Tensor<AsShape<Broadcast<A, B>>, D>;

function liftTensors(compute: (a: Value, b: Value) => Value): (a: Tensor, b: Tensor) => Tensor {
  return (a, b) => new Tensor(compute(a.value, b.value));
}

/** Both, of bools. */
export const logicalAnd: TensorPair<"bool"> = liftTensors(basic.and);
/** Either, of bools. */
export const logicalOr: TensorPair<"bool"> = liftTensors(basic.or);
/** One but not both, of bools. */
export const logicalXor: TensorPair<"bool"> = liftTensors(basic.xor);
/** The angle in (-π, π] of the point (x, y), y first (float32); 0 for the origin. */
export const atan2: TensorPair<FloatDType> = liftTensors(trigonometry.atan2);
/** `√(a² + b²)`, without overflow in between; the gradient at the origin is 0. */
export const hypot: TensorPair<FloatDType> = liftTensors(trigonometry.hypot);

/** How close {@link isClose} asks numbers to be. */
export interface Closeness {
  /** 1e-5 where absent. */
  readonly relative?: number;
  /** 1e-8 where absent. */
  readonly absolute?: number;
}

/** Whether `|a - b| ≤ absolute + relative · |b|`; equal infinities are close. As NumPy's `isclose`. */
export function isClose<const A extends Shape, const B extends Shape, D extends FloatDType>(
  a: Tensor<A, D>,
  b: Other<A, B, NoInfer<D>>,
  { relative = 1e-5, absolute = 1e-8 }: Closeness = {},
): Tensor<AsShape<Broadcast<A, B>>, "bool"> {
  return new Tensor(rounding.isClose(a.value, b.value, relative, absolute));
}

/** Limited to at least `low` and at most `high`, either of which may be undefined. No gradient flows beyond. */
export function clip<S extends Shape, D extends DType>(
  x: Tensor<S, D>,
  low: number | undefined,
  high?: number,
): Tensor<S, D> {
  return new Tensor(rounding.clip(x.value, low, high));
}

/** `a` where the condition holds, else `b`, all broadcast. A number takes the other's element type; two are float32. */
export function where<const C extends Shape, const A extends Shape, const B extends Shape, D extends DType>(
  condition: Tensor<C, "bool">,
  a: Tensor<A, D>,
  b: Other<A, B, NoInfer<D>>,
): Tensor<AsShape<Broadcast<C, AsShape<Broadcast<A, B>>>>, D>;
export function where<const C extends Shape, const A extends Shape, D extends DType>(
  condition: Tensor<C, "bool">,
  a: Tensor<A, D> | number,
  b: number | Tensor<A, D>,
): Tensor<AsShape<Broadcast<C, A>>, D>;
export function where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  const [left, right] = [a, b].map((each) => (typeof each === "number" ? each : each.value));
  return new Tensor(basic.where(condition.value, left ?? 0, right ?? 0));
}

/** `x` with a number put where the mask holds; the mask broadcasts. */
export function maskedFill<const S extends Shape, const M extends Shape, D extends DType>(
  x: Tensor<S, D>,
  mask: Tensor<M, "bool">,
  value: number,
): Tensor<AsShape<Broadcast<S, M>>, D> {
  return new Tensor(basic.where(mask.value, value, x.value));
}

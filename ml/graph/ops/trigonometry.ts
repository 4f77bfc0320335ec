/**
 * @file Trigonometric and hyperbolic functions of values.
 *
 * ONNX Runtime computes tan and the hyperbolic ones for float32 only: for float64 they are composed. The inverse
 * trigonometric functions have no float64.
 */
import { withGradient, type Value } from "../value.ts";
import { apply } from "./apply.ts";
import * as op from "./elementwise.ts";
import { expm1, log1p } from "./exponentials.ts";
import { sumTo } from "./reduce.ts";

const isDouble = (x: Value): boolean => x.dtype === "float64";

/** The tangent of radians. */
export const tan = (x: Value): Value => (isDouble(x) ? op.divide(op.sin(x), op.cos(x)) : apply("Tan", [x]));
/** The angle in [-π/2, π/2] whose sine is x. */
export const asin = (x: Value): Value => apply("Asin", [x]);
/** The angle in [0, π] whose cosine is x. */
export const acos = (x: Value): Value => apply("Acos", [x]);
/** The angle in (-π/2, π/2) whose tangent is x. */
export const atan = (x: Value): Value => apply("Atan", [x]);

/** The hyperbolic sine, `(e^x - e^-x) / 2`. */
export const sinh = (x: Value): Value =>
  isDouble(x) ? op.multiply(op.subtract(expm1(x), expm1(op.negate(x))), 0.5) : apply("Sinh", [x]);
/** The hyperbolic cosine, `(e^x + e^-x) / 2`. */
export const cosh = (x: Value): Value =>
  isDouble(x) ? op.multiply(op.add(op.exp(x), op.exp(op.negate(x))), 0.5) : apply("Cosh", [x]);

/** The inverse of the hyperbolic sine, `log(x + √(x² + 1))`. */
export function asinh(x: Value): Value {
  if (!isDouble(x)) return apply("Asinh", [x]);
  const size = op.abs(x);
  const squared = op.square(size);
  const root = op.sqrt(op.add(squared, 1));
  const value = log1p(op.add(size, op.divide(squared, op.add(root, 1))));
  return withGradient(op.multiply(op.sign(x), value), [x], (gradient) => [op.divide(gradient, root)]);
}

/** The inverse of the hyperbolic cosine, of x ≥ 1: `log(x + √(x² - 1))`. */
export const acosh = (x: Value): Value =>
  isDouble(x) ? op.log(op.add(x, op.sqrt(op.subtract(op.square(x), 1)))) : apply("Acosh", [x]);

/** The inverse of the hyperbolic tangent, of |x| < 1: `log((1 + x) / (1 - x)) / 2`. */
export const atanh = (x: Value): Value =>
  isDouble(x)
    ? op.multiply(log1p(op.divide(op.multiply(x, 2), op.subtract(1, x))), 0.5)
    : apply("Atanh", [x]);

/**
 * The angle in (-π, π] of the point (x, y), broadcast; 0 for the origin. The signs of zeros are not looked at, and two
 * infinite coordinates have no angle (NaN). Derivatives `x / (x² + y²)` and `-y / (x² + y²)`.
 */
export function atan2(y: Value, x: Value): Value {
  // A zero is divided by as +0, at the origin as 1.
  const divisor = op.where(op.equal(x, 0), op.cast(op.equal(y, 0), x.dtype), x);
  const angle = atan(op.divide(y, divisor));
  const halfTurn = op.where(op.less(y, 0), op.toValue(-Math.PI, y.dtype), Math.PI);
  const value = op.add(angle, op.where(op.less(x, 0), halfTurn, 0));
  return withGradient(value, [y, x], (gradient) => {
    const slope = op.divide(gradient, op.add(op.square(x), op.square(y)));
    return [sumTo(op.multiply(slope, x), y.shape), sumTo(op.negate(op.multiply(slope, y)), x.shape)];
  });
}

/** `√(a² + b²)`, broadcast, without overflow in between. The gradient at the origin is 0. */
export function hypot(a: Value, b: Value): Value {
  const [sizeA, sizeB] = [op.abs(a), op.abs(b)];
  const larger = op.maximum(sizeA, sizeB);
  const smaller = op.minimum(sizeA, sizeB);
  // Equal legs may both be 0 or infinite, where the quotient is undefined.
  const isEqual = op.equal(larger, smaller);
  const ratio = op.where(isEqual, 1, op.divide(smaller, op.where(isEqual, 1, larger)));
  const value = op.multiply(larger, op.sqrt(op.add(op.square(ratio), 1)));
  return withGradient(value, [a, b], (gradient) => {
    const length = hypot(a, b);
    const slope = op.divide(gradient, op.where(op.equal(length, 0), 1, length));
    return [sumTo(op.multiply(slope, a), a.shape), sumTo(op.multiply(slope, b), b.shape)];
  });
}

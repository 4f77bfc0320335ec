/** @file Exponentials, logarithms and roots of values beyond `exp`, `log` and `sqrt`. */
import { withGradient, type Value } from "../value.ts";
import * as op from "./elementwise.ts";

/** `2^x`. */
export const exp2 = (x: Value): Value => op.exp(op.multiply(x, Math.LN2));
/** The logarithm to base 2. */
export const log2 = (x: Value): Value => op.multiply(op.log(x), Math.LOG2E);
/** The logarithm to base 10. */
export const log10 = (x: Value): Value => op.multiply(op.log(x), Math.LOG10E);
/** `1 / √x`. */
export const rsqrt = (x: Value): Value => op.reciprocal(op.sqrt(x));

/**
 * `e^x - 1`, exact also near 0: with t = tanh(x / 2) it is `2t / (1 - t)`, which has no cancellation there (Abramowitz
 * and Stegun, 4.5.26 and 4.5.61).
 */
export function expm1(x: Value): Value {
  const near = op.less(op.abs(x), 0.5);
  const t = op.tanh(op.multiply(op.where(near, x, 0), 0.5));
  const small = op.divide(op.multiply(t, 2), op.subtract(1, t));
  const value = op.where(near, small, op.subtract(op.exp(x), 1));
  return withGradient(value, [x], (gradient) => [op.multiply(gradient, op.exp(x))]);
}

/**
 * `log(1 + x)`, exact also near 0: with u = 1 + x as it is rounded, `x · log(u) / (u - 1)` (Kahan; Higham, "Accuracy and
 * Stability of Numerical Algorithms", 2002, section 1.14.1).
 */
export function log1p(x: Value): Value {
  const u = op.add(x, 1);
  const rounded = op.subtract(u, 1);
  // Where 1 + x is 1 the result is x; where it is infinite the quotient would be undefined.
  const exact = op.and(op.notEqual(rounded, 0), op.less(op.abs(u), Number.POSITIVE_INFINITY));
  const factor = op.where(exact, op.divide(x, op.where(exact, rounded, 1)), 1);
  const value = op.where(op.equal(rounded, 0), x, op.multiply(op.log(u), factor));
  return withGradient(value, [x], (gradient) => [op.divide(gradient, op.add(x, 1))]);
}

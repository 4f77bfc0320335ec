/**
 * @file Activation functions of values.
 *
 * Those that ONNX Runtime computes for float32 only are composed for float64.
 */
import { GraphError } from "../errors.ts";
import { withGradient, type Value } from "../value.ts";
import { apply } from "./apply.ts";
import * as op from "./elementwise.ts";
import { expm1 } from "./exponentials.ts";
import { clip } from "./rounding.ts";

/** `x · Φ(x)` with the normal distribution's Φ (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016). */
export function gelu(x: Value): Value {
  const scaled = op.multiply(x, Math.SQRT1_2);
  const cumulative = op.add(op.multiply(op.erf(scaled), 0.5), 0.5);
  // The derivative Φ(x) + x φ(x), with the density's factor among its exponents: fewer passes over memory.
  return withGradient(op.multiply(x, cumulative), [x], (gradient) => {
    const density = op.exp(op.subtract(-0.5 * Math.log(2 * Math.PI), op.square(scaled)));
    return [op.multiply(gradient, op.add(cumulative, op.multiply(x, density)))];
  });
}

/** The approximation `x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))` of {@link gelu}, from the same paper. */
export function geluTanh(x: Value): Value {
  const scale = Math.sqrt(2 / Math.PI);
  const cubic = scale * 0.044715;
  const squared = op.square(x);
  const t = op.tanh(op.multiply(x, op.add(op.multiply(squared, cubic), scale)));
  const below = op.multiply(op.add(t, 1), 0.5);
  return withGradient(op.multiply(x, below), [x], (gradient) => {
    const inner = op.multiply(x, op.add(op.multiply(squared, 1.5 * cubic), scale / 2));
    const slope = op.multiply(op.subtract(1, op.square(t)), inner);
    return [op.multiply(gradient, op.add(below, slope))];
  });
}

/** `x / (1 + e^-x)`, also called swish (Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2017). */
export function silu(x: Value): Value {
  const s = op.sigmoid(x);
  const value = op.multiply(x, s);
  return withGradient(value, [x], (gradient) => [
    op.multiply(gradient, op.add(value, op.multiply(s, op.subtract(1, value)))),
  ]);
}

/** `x · tanh(softplus(x))` (Misra, "Mish", 2019). */
export const mish = (x: Value): Value => op.multiply(x, op.tanh(op.softplus(x)));

/**
 * `x` above 0, else `alpha · (e^x - 1)` (Clevert, Unterthiner and Hochreiter, 2015).
 * @throws {@link GraphError} when alpha is not positive
 */
export function elu(x: Value, alpha = 1): Value {
  checkPositive("elu", alpha);
  if (x.dtype !== "float64") return apply("Elu", [x], { alpha: { float: alpha } });
  return op.add(op.relu(x), op.multiply(expm1(op.minimum(x, 0)), alpha));
}

/**
 * `max(x, 0) + min(alpha · (e^(x/alpha) - 1), 0)` (Barron, "Continuously Differentiable ELU", 2017).
 * @throws {@link GraphError} when alpha is not positive
 */
export function celu(x: Value, alpha = 1): Value {
  checkPositive("celu", alpha);
  return op.multiply(elu(op.divide(x, alpha)), alpha);
}

function checkPositive(what: string, alpha: number): void {
  if (!(alpha > 0)) throw new GraphError(`${what}: alpha must be positive, not ${alpha}`);
}

/** The numbers of {@link selu} (Klambauer et al., "Self-Normalizing Neural Networks", 2017). */
export const seluAlpha = 1.673_263_242_354_377_2;
/** See {@link seluAlpha}. */
export const seluScale = 1.050_700_987_355_480_5;

/** `scale · elu(x, alpha)` with the numbers that keep mean and variance. */
export function selu(x: Value): Value {
  if (x.dtype !== "float64")
    return apply("Selu", [x], { alpha: { float: seluAlpha }, gamma: { float: seluScale } });
  return op.multiply(elu(x, seluAlpha), seluScale);
}

/** `x` above 0, else `slope · x`. */
export const leakyRelu = (x: Value, slope = 0.01): Value =>
  apply("LeakyRelu", [x], { alpha: { float: slope } });

/** `x` above 0, else `slope · x` with slopes that are learned, which broadcast to x. */
export const prelu = (x: Value, slope: Value): Value => apply("PRelu", [x, slope]);

/** `min(max(x, 0), 6)`. */
export const relu6 = (x: Value): Value => clip(x, 0, 6);

/** `x / (1 + |x|)`. */
export const softsign = (x: Value): Value =>
  x.dtype === "float64" ? op.divide(x, op.add(op.abs(x), 1)) : apply("Softsign", [x]);

/** `min(max(x/6 + 1/2, 0), 1)`: the slope of PyTorch and of the MobileNetV3 paper, not ONNX's default. */
export function hardSigmoid(x: Value): Value {
  if (x.dtype !== "float64")
    return apply("HardSigmoid", [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
  return clip(op.add(op.divide(x, 6), 0.5), 0, 1);
}

/** `x · hardSigmoid(x)` (Howard et al., "Searching for MobileNetV3", 2019). */
export const hardSwish = (x: Value): Value => op.multiply(x, hardSigmoid(x));

/** `log(sigmoid(x))`, without overflow. */
export const logSigmoid = (x: Value): Value => op.negate(op.softplus(op.negate(x)));

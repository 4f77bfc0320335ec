/** @file Activation functions of tensors, and softmax. Their papers stand at the value-level functions. */
import type { FloatDType } from "../dtype.ts";
import * as activations from "../ops/activations.ts";
import * as basic from "../ops/elementwise.ts";
import * as soft from "../ops/softmax.ts";
import type { ExistingAxes } from "../shape-types.ts";
import type { Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import type { Value } from "../value.ts";
import type { FloatFunction } from "./elementwise.ts";

function lift(compute: (x: Value) => Value): (x: Tensor) => Tensor {
  return (x) => new Tensor(compute(x.value));
}

/** `max(x, 0)`. */
export const relu: FloatFunction = lift(basic.relu);
/** `min(max(x, 0), 6)`. */
export const relu6: FloatFunction = lift(activations.relu6);
/** The logistic function, `1 / (1 + e^-x)`. */
export const sigmoid: FloatFunction = lift(basic.sigmoid);
/** `log(sigmoid(x))`, without overflow. */
export const logSigmoid: FloatFunction = lift(activations.logSigmoid);
/** `log(1 + e^x)`, without overflow. */
export const softplus: FloatFunction = lift(basic.softplus);
/** `x / (1 + |x|)`. */
export const softsign: FloatFunction = lift(activations.softsign);
/** `x / (1 + e^-x)`, also called swish. */
export const silu: FloatFunction = lift(activations.silu);
/** `x · tanh(softplus(x))`. */
export const mish: FloatFunction = lift(activations.mish);
/** `min(max(x/6 + 1/2, 0), 1)`, as PyTorch has it. */
export const hardSigmoid: FloatFunction = lift(activations.hardSigmoid);
/** `x · hardSigmoid(x)`. */
export const hardSwish: FloatFunction = lift(activations.hardSwish);
/** `scale · elu(x, alpha)` with scale 1.0507 and alpha 1.6733, which keep mean and variance. */
export const selu: FloatFunction = lift(activations.selu);

/** `x · Φ(x)` with the normal distribution's Φ: exact (float32), or by tanh, which differs by up to 5e-4. */
export function gelu<S extends Shape, D extends FloatDType>(
  x: Tensor<S, D>,
  approximate: "none" | "tanh" = "none",
): Tensor<S, D> {
  return new Tensor(approximate === "tanh" ? activations.geluTanh(x.value) : activations.gelu(x.value));
}

/**
 * `x` above 0, else `alpha · (e^x - 1)`.
 * @throws {@link GraphError} when alpha is not positive
 */
export function elu<S extends Shape, D extends FloatDType>(x: Tensor<S, D>, alpha = 1): Tensor<S, D> {
  return new Tensor(activations.elu(x.value, alpha));
}

/**
 * `max(x, 0) + min(alpha · (e^(x/alpha) - 1), 0)`.
 * @throws {@link GraphError} when alpha is not positive
 */
export function celu<S extends Shape, D extends FloatDType>(x: Tensor<S, D>, alpha = 1): Tensor<S, D> {
  return new Tensor(activations.celu(x.value, alpha));
}

/** `x` above 0, else `slope · x`. */
export function leakyRelu<S extends Shape, D extends FloatDType>(
  x: Tensor<S, D>,
  slope = 0.01,
): Tensor<S, D> {
  return new Tensor(activations.leakyRelu(x.value, slope));
}

/** `x` above 0, else `slope · x` with slopes that are learned; they broadcast to the shape of x. */
export function prelu<S extends Shape, D extends FloatDType>(
  x: Tensor<S, D>,
  slope: Tensor<Shape, NoInfer<D>>,
): Tensor<S, D> {
  return new Tensor(activations.prelu(x.value, slope.value));
}

/** `e^x / Σ e^x` along an axis, the last where absent, without overflow. */
export function softmax<S extends Shape, D extends FloatDType, const A extends number = -1>(
  x: Tensor<S, D>,
  axis?: A & ExistingAxes<S, A>,
): Tensor<S, D> {
  return new Tensor(soft.softmax(x.value, axis));
}

/** The logarithm of {@link softmax}, exact also where that is 0. */
export function logSoftmax<S extends Shape, D extends FloatDType, const A extends number = -1>(
  x: Tensor<S, D>,
  axis?: A & ExistingAxes<S, A>,
): Tensor<S, D> {
  return new Tensor(soft.logSoftmax(x.value, axis));
}

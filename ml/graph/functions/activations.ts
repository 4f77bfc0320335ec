/** @file Activation functions with settings, or seldom used, of tensors; the others are methods of {@link Tensor}. */
import type { DType } from "../dtype.ts";
import * as activations from "../ops/activations.ts";
import type { Shape } from "../shape.ts";
import { Tensor, type Other } from "../tensor.ts";

/**
 * The approximation `x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))` of {@link Tensor.gelu} (Hendrycks and Gimpel, "Gaussian
 * Error Linear Units", 2016).
 */
export function geluTanh<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> {
  return new Tensor(activations.geluTanh(x.value));
}

/**
 * `x` above 0, else `alpha · (e^x - 1)` (Clevert, Unterthiner and Hochreiter, 2015; ONNX operator specification, Elu).
 * @throws {@link GraphError} when alpha is not positive
 */
export function elu<S extends Shape, D extends DType>(x: Tensor<S, D>, alpha = 1): Tensor<S, D> {
  return new Tensor(activations.elu(x.value, alpha));
}

/**
 * `max(x, 0) + min(alpha · (e^(x/alpha) - 1), 0)` (Barron, "Continuously Differentiable ELU", 2017).
 * @throws {@link GraphError} when alpha is not positive
 */
export function celu<S extends Shape, D extends DType>(x: Tensor<S, D>, alpha = 1): Tensor<S, D> {
  return new Tensor(activations.celu(x.value, alpha));
}

/** `scale · elu(x, alpha)` with the numbers that keep mean and variance (Klambauer et al., 2017). */
export function selu<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> {
  return new Tensor(activations.selu(x.value));
}

/** `x` above 0, else `slope · x` (ONNX operator specification, LeakyRelu). */
export function leakyRelu<S extends Shape, D extends DType>(x: Tensor<S, D>, slope = 0.01): Tensor<S, D> {
  return new Tensor(activations.leakyRelu(x.value, slope));
}

/**
 * `x` above 0, else `slope · x`, with slopes that are learned (He et al., "Delving Deep into Rectifiers", 2015). They
 * broadcast to `x`: of images `[batch, channels, height, width]`, one for each channel is `[channels, 1, 1]`.
 * @throws {@link GraphError} when the slopes don't broadcast to `x`
 */
export function prelu<S extends Shape, const B extends Shape, D extends DType>(
  x: Tensor<S, D>,
  slope: Other<S, B, NoInfer<D>>,
): Tensor<S, D> {
  return new Tensor(activations.prelu(x.value, slope.value));
}

/** `min(max(x, 0), 6)` (Howard et al., "MobileNets", 2017). */
export function relu6<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> {
  return new Tensor(activations.relu6(x.value));
}

/** `x / (1 + |x|)`. */
export function softsign<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> {
  return new Tensor(activations.softsign(x.value));
}

/** `min(max(x/6 + 1/2, 0), 1)`, as PyTorch has it (Howard et al., "Searching for MobileNetV3", 2019). */
export function hardSigmoid<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> {
  return new Tensor(activations.hardSigmoid(x.value));
}

/** `x · hardSigmoid(x)` (Howard et al., "Searching for MobileNetV3", 2019). */
export function hardSwish<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> {
  return new Tensor(activations.hardSwish(x.value));
}

/** `x · tanh(log(1 + e^x))` (Misra, "Mish", 2019). */
export function mish<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> {
  return new Tensor(activations.mish(x.value));
}

/** `log(1 / (1 + e^-x))`, without overflow. */
export function logSigmoid<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> {
  return new Tensor(activations.logSigmoid(x.value));
}

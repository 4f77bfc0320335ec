/**
 * @file Random tensors that a program draws anew at each run.
 *
 * In a function that is compiled by `jit` they are drawn by the seed and the step of the run; outside they are drawn at
 * once, by a seed that nobody chose. Tensors of a seed of their own are made by `rand` and `randn`.
 */
import type { FloatDType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import * as ops from "../ops/random.ts";
import type { Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";

/**
 * Each element 0 with probability `rate`, else divided by `1 - rate` (Srivastava et al., "Dropout: a simple way to
 * prevent neural networks from overfitting", 2014; inverted, so that the expectation stays). For training only.
 *
 * @throws {@link GraphError} when the rate is not in [0, 1)
 */
export function dropout<S extends Shape, D extends FloatDType>(x: Tensor<S, D>, rate: number): Tensor<S, D> {
  return new Tensor(ops.dropout(x.value, rate));
}

/** Draws from the uniform distribution over [0, 1), of another tensor's shape and type. */
export function uniformLike<S extends Shape, D extends FloatDType>(like: Tensor<S, D>): Tensor<S, D> {
  return new Tensor(ops.randomLike(like.value, { kind: "uniform" }));
}

/** Draws from the normal distribution with mean 0 and deviation 1, of another tensor's shape and type. */
export function normalLike<S extends Shape, D extends FloatDType>(like: Tensor<S, D>): Tensor<S, D> {
  return new Tensor(ops.randomLike(like.value, { kind: "normal" }));
}

/**
 * Ones with a probability, else zeros, of another tensor's shape and type.
 * @throws {@link GraphError} when the probability is not in [0, 1]
 */
export function bernoulliLike<S extends Shape, D extends FloatDType>(
  like: Tensor<S, D>,
  probability: number,
): Tensor<S, D> {
  if (!(probability >= 0 && probability <= 1))
    throw new GraphError(`bernoulliLike: a probability is in [0, 1], not ${probability}`);
  return new Tensor(ops.randomLike(like.value, { kind: "bernoulli", probability, value: 1 }));
}

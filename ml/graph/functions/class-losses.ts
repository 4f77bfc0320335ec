/** @file Losses of classes, with settings as PyTorch's functions of these names. */
import { isFloat, type DType, type FloatDType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import {
  crossEntropy as crossEntropyOfClasses,
  crossEntropyOfProbabilities,
  klDivergence,
  nllLoss as nllOfClasses,
} from "../ops/cross-entropy.ts";
import { cast, divide } from "../ops/elementwise.ts";
import { reduceLoss, type Reduction } from "../ops/loss-reduction.ts";
import { sum } from "../ops/reduce.ts";
import { reshape, sizeOf } from "../ops/shape-ops.ts";
import type { Dimension, Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";

/** The shape of a loss: a number, or that of the losses where they are not reduced. */
export type LossShape<S extends Shape, R extends string> = R extends "none" ? S : readonly [];

/** The shape of scores `[batch, classes, ...]` without the classes. */
export type ExampleShape<S extends Shape> = S extends readonly [
  infer Batch extends Dimension,
  Dimension,
  ...infer Rest extends Shape,
]
  ? readonly [Batch, ...Rest]
  : Shape;

/** Settings of {@link nllLoss}. */
export interface ClassLossSettings<C extends Dimension, D extends DType, R extends Reduction> {
  /** How much each class counts; 1 where absent. */
  readonly weight?: Tensor<readonly [C], D> | undefined;
  /** The class number of examples that don't count; all count where absent. */
  readonly ignoreIndex?: number;
  /** What is made of the examples' losses; their mean where absent. */
  readonly reduction?: R;
}

/** Settings of {@link crossEntropy}. */
export interface CrossEntropySettings<
  C extends Dimension,
  D extends DType,
  R extends Reduction,
> extends ClassLossSettings<C, D, R> {
  /** What part of the target is spread evenly over all classes; 0 where absent. */
  readonly labelSmoothing?: number;
}

type Scores = readonly [Dimension, Dimension, ...Dimension[]];

/**
 * The cross-entropy of logits z `[batch, classes, ...]` against class numbers y `[batch, ...]`, `-log softmax(z)[y]`, or
 * against probabilities t `[batch, classes, ...]`, `-Σ t log softmax(z)` (Bishop, "Pattern Recognition and Machine
 * Learning", 2006, 4.3.4). Weights, smoothing and means are those of PyTorch's `cross_entropy`: the mean is over the
 * weights of the examples' classes.
 * @throws {@link GraphError} when shapes do not fit, or examples are to be ignored by number where there are probabilities
 */
export function crossEntropy<
  const S extends Scores,
  D extends FloatDType,
  const R extends Reduction = "mean",
>(
  logits: Tensor<S, D>,
  targets: Tensor<NoInfer<ExampleShape<S>>, "int64" | "int32"> | Tensor<NoInfer<S>, NoInfer<D>>,
  settings?: CrossEntropySettings<NoInfer<S>[1], NoInfer<D>, R>,
): Tensor<LossShape<ExampleShape<S>, R>, D>;
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  settings: CrossEntropySettings<Dimension, DType, Reduction> = {},
): Tensor {
  const { weight, labelSmoothing, ignoreIndex, reduction } = settings;
  const options = { classWeights: weight?.value, labelSmoothing, reduction };
  if (!isFloat(targets.value.dtype))
    return new Tensor(crossEntropyOfClasses(logits.value, targets.value, { ...options, ignoreIndex }));
  if (ignoreIndex !== undefined)
    throw new GraphError("crossEntropy: there is no number to ignore among probabilities");
  return new Tensor(crossEntropyOfProbabilities(logits.value, targets.value, options));
}

/**
 * The negative log-likelihood of class numbers y `[batch, ...]` by logarithms of probabilities
 * `[batch, classes, ...]`: `-w[y] x[y]`; the mean is over the weights of the examples' classes (PyTorch's `nll_loss`).
 * @throws {@link GraphError} when shapes do not fit
 */
export function nllLoss<const S extends Scores, D extends FloatDType, const R extends Reduction = "mean">(
  logProbabilities: Tensor<S, D>,
  classes: Tensor<NoInfer<ExampleShape<S>>, "int64" | "int32">,
  settings: ClassLossSettings<NoInfer<S>[1], NoInfer<D>, R> = {},
): Tensor<LossShape<ExampleShape<S>, R>, D> {
  const { weight, ignoreIndex, reduction } = settings;
  const options = { classWeights: weight?.value, ignoreIndex, reduction };
  return new Tensor(nllOfClasses(logProbabilities.value, classes.value, options));
}

/**
 * The Kullback-Leibler divergence of a distribution, given by logarithms x, from target probabilities t: `t (log t - x)`
 * element by element, 0 where t is 0 (Kullback and Leibler, "On Information and Sufficiency", 1951). "batchMean" divides
 * the sum by the size of the first axis, which makes it the mean of the divergences; "mean" divides by all elements, as
 * PyTorch's `kl_div` does.
 * @throws {@link GraphError} when shapes differ
 */
export function klDiv<
  S extends Shape,
  D extends FloatDType,
  const R extends Reduction | "batchMean" = "mean",
>(
  logProbabilities: Tensor<S, D>,
  targets: Tensor<NoInfer<S>, NoInfer<D>>,
  settings: { readonly reduction?: R } = {},
): Tensor<LossShape<S, R>, D> {
  const each = klDivergence(logProbabilities.value, targets.value);
  const reduction: Reduction | "batchMean" = settings.reduction ?? "mean";
  if (reduction !== "batchMean") return new Tensor(reduceLoss(each, reduction));
  return new Tensor(divide(sum(each), cast(reshape(sizeOf(each, 0), []), each.dtype)));
}

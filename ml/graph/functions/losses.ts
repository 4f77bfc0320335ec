/** @file Losses of numbers and vectors, with settings as PyTorch's functions of these names. */
import type { FloatDType } from "../dtype.ts";
import { abs, divide, square, subtract } from "../ops/elementwise.ts";
import { reduceLoss, type Reduction } from "../ops/loss-reduction.ts";
import * as losses from "../ops/losses.ts";
import type { Dimension, Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import type { Value } from "../value.ts";
import type { LossShape } from "./class-losses.ts";

/** What is made of the losses; their mean where absent. */
export interface LossSettings<R extends Reduction> {
  readonly reduction?: R;
}

/** The difference that elements may have, or the distance of vectors, before a loss changes its form or vanishes. */
export interface MarginSettings<R extends Reduction> extends LossSettings<R> {
  readonly margin?: number;
}

function differences(what: string, predictions: Tensor, targets: Tensor): Value {
  losses.checkSameShape(what, ["predictions", "targets"], predictions.value, targets.value);
  return subtract(predictions.value, targets.value);
}

function reduced(each: Value, { reduction }: LossSettings<Reduction>): Tensor {
  return new Tensor(reduceLoss(each, reduction ?? "mean"));
}

/**
 * The squared differences of predictions and targets of one shape, on average where not set otherwise.
 * @throws {@link GraphError} when shapes differ
 */
export function mseLoss<S extends Shape, D extends FloatDType, const R extends Reduction = "mean">(
  predictions: Tensor<S, D>,
  targets: Tensor<NoInfer<S>, NoInfer<D>>,
  settings: LossSettings<R> = {},
): Tensor<LossShape<S, R>, D> {
  return reduced(square(differences("mseLoss", predictions, targets)), settings);
}

/**
 * The absolute differences of predictions and targets of one shape (mean absolute error where not set otherwise).
 * @throws {@link GraphError} when shapes differ
 */
export function l1Loss<S extends Shape, D extends FloatDType, const R extends Reduction = "mean">(
  predictions: Tensor<S, D>,
  targets: Tensor<NoInfer<S>, NoInfer<D>>,
  settings: LossSettings<R> = {},
): Tensor<LossShape<S, R>, D> {
  return reduced(abs(differences("l1Loss", predictions, targets)), settings);
}

/**
 * Huber's loss of the differences d of predictions and targets of one shape: `d² / 2` up to |d| = delta (1 where absent),
 * then `delta (|d| - delta / 2)` (Huber, "Robust Estimation of a Location Parameter", 1964).
 * @throws {@link GraphError} when shapes differ
 */
export function huberLoss<S extends Shape, D extends FloatDType, const R extends Reduction = "mean">(
  predictions: Tensor<S, D>,
  targets: Tensor<NoInfer<S>, NoInfer<D>>,
  settings: LossSettings<R> & { readonly delta?: number } = {},
): Tensor<LossShape<S, R>, D> {
  differences("huberLoss", predictions, targets);
  return reduced(losses.huber(predictions.value, targets.value, settings.delta ?? 1), settings);
}

/**
 * The absolute differences d of predictions and targets of one shape, made smooth at 0: `d² / (2 beta)` up to |d| = beta
 * (1 where absent), then `|d| - beta / 2` (Girshick, "Fast R-CNN", 2015).
 * @throws {@link GraphError} when shapes differ
 */
export function smoothL1Loss<S extends Shape, D extends FloatDType, const R extends Reduction = "mean">(
  predictions: Tensor<S, D>,
  targets: Tensor<NoInfer<S>, NoInfer<D>>,
  settings: LossSettings<R> & { readonly beta?: number } = {},
): Tensor<LossShape<S, R>, D> {
  const difference = differences("smoothL1Loss", predictions, targets);
  const beta = settings.beta ?? 1;
  if (beta === 0) return reduced(abs(difference), settings);
  return reduced(divide(losses.huber(predictions.value, targets.value, beta), beta), settings);
}

/**
 * The binary cross-entropy of logits against labels from 0 to 1, of one shape, with positives weighted:
 * `(1 - y) z + (1 + (w - 1) y) softplus(-z)`, which never overflows.
 * @throws {@link GraphError} when shapes differ
 */
export function binaryCrossEntropyWithLogits<
  S extends Shape,
  D extends FloatDType,
  const R extends Reduction = "mean",
>(
  logits: Tensor<S, D>,
  labels: Tensor<NoInfer<S>, NoInfer<D>>,
  settings: LossSettings<R> & { readonly positiveWeight?: number } = {},
): Tensor<LossShape<S, R>, D> {
  return reduced(losses.binaryCrossEntropy(logits.value, labels.value, settings.positiveWeight), settings);
}

/**
 * The binary cross-entropy of probabilities against labels from 0 to 1, of one shape: `-(y log p + (1 - y) log(1 - p))`,
 * the logarithms no less than -100 (PyTorch's `binary_cross_entropy`). Where there are logits,
 * {@link binaryCrossEntropyWithLogits} is exact.
 * @throws {@link GraphError} when shapes differ
 */
export function binaryCrossEntropy<S extends Shape, D extends FloatDType, const R extends Reduction = "mean">(
  probabilities: Tensor<S, D>,
  labels: Tensor<NoInfer<S>, NoInfer<D>>,
  settings: LossSettings<R> = {},
): Tensor<LossShape<S, R>, D> {
  return reduced(losses.binaryCrossEntropyOfProbabilities(probabilities.value, labels.value), settings);
}

/**
 * The focal loss of logits against labels 0 and 1, of one shape: `-α (1 - p)^γ log p` with p the probability of the label
 * and α weighing positives, 1 - α negatives (Lin et al., "Focal Loss for Dense Object Detection", 2017). α is 0.25 and γ 2
 * where absent; a negative α weighs none.
 * @throws {@link GraphError} when shapes differ
 */
export function sigmoidFocalLoss<S extends Shape, D extends FloatDType, const R extends Reduction = "mean">(
  logits: Tensor<S, D>,
  labels: Tensor<NoInfer<S>, NoInfer<D>>,
  settings: LossSettings<R> & { readonly alpha?: number; readonly gamma?: number } = {},
): Tensor<LossShape<S, R>, D> {
  const { alpha = 0.25, gamma = 2 } = settings;
  return reduced(losses.sigmoidFocal(logits.value, labels.value, alpha, gamma), settings);
}

/**
 * The hinge loss of scores against labels -1 and 1, of one shape: `max(0, 1 - y s)` (Rosasco et al., "Are Loss Functions
 * All the Same?", 2004).
 * @throws {@link GraphError} when shapes differ
 */
export function hingeLoss<S extends Shape, D extends FloatDType, const R extends Reduction = "mean">(
  scores: Tensor<S, D>,
  labels: Tensor<NoInfer<S>, NoInfer<D>>,
  settings: LossSettings<R> = {},
): Tensor<LossShape<S, R>, D> {
  losses.checkSameShape("hingeLoss", ["scores", "labels"], scores.value, labels.value);
  return reduced(losses.hinge(scores.value, labels.value), settings);
}

/**
 * The hinge loss of distances d against labels -1 and 1, of one shape: d for 1, `max(0, margin - d)` for -1, with a margin
 * of 1 where absent (PyTorch's `hinge_embedding_loss`).
 * @throws {@link GraphError} when shapes differ
 */
export function hingeEmbeddingLoss<S extends Shape, D extends FloatDType, const R extends Reduction = "mean">(
  distances: Tensor<S, D>,
  labels: Tensor<NoInfer<S>, NoInfer<D>>,
  settings: MarginSettings<R> = {},
): Tensor<LossShape<S, R>, D> {
  losses.checkSameShape("hingeEmbeddingLoss", ["distances", "labels"], distances.value, labels.value);
  return reduced(losses.hingeEmbedding(distances.value, labels.value, settings.margin ?? 1), settings);
}

/**
 * The triplet loss of vectors `[..., size]`: `max(0, |a - p| - |a - n| + margin)` for anchor, positive and negative, with a
 * margin of 1 where absent (Schroff et al., "FaceNet", 2015; distances as PyTorch's `triplet_margin_loss`).
 * @throws {@link GraphError} when shapes differ
 */
export function tripletMarginLoss<
  const Rows extends Shape,
  Size extends Dimension,
  D extends FloatDType,
  const R extends Reduction = "mean",
>(
  anchor: Tensor<readonly [...Rows, Size], D>,
  positive: Tensor<readonly [...NoInfer<Rows>, NoInfer<Size>], NoInfer<D>>,
  negative: Tensor<readonly [...NoInfer<Rows>, NoInfer<Size>], NoInfer<D>>,
  settings: MarginSettings<R> = {},
): Tensor<LossShape<Rows, R>, D> {
  const what = "tripletMarginLoss";
  losses.checkSameShape(what, ["anchors", "positives"], anchor.value, positive.value);
  losses.checkSameShape(what, ["anchors", "negatives"], anchor.value, negative.value);
  const each = losses.tripletMargin(anchor.value, positive.value, negative.value, settings.margin ?? 1);
  return reduced(each, settings);
}

/**
 * The loss of the cosine between vectors `[..., size]` against labels -1 and 1 `[...]`: `1 - cos` for 1,
 * `max(0, cos - margin)` for -1, with a margin of 0 where absent (PyTorch's `cosine_embedding_loss`).
 * @throws {@link GraphError} when shapes do not fit
 */
export function cosineEmbeddingLoss<
  const Rows extends Shape,
  Size extends Dimension,
  D extends FloatDType,
  const R extends Reduction = "mean",
>(
  a: Tensor<readonly [...Rows, Size], D>,
  b: Tensor<readonly [...NoInfer<Rows>, NoInfer<Size>], NoInfer<D>>,
  labels: Tensor<NoInfer<Rows>, NoInfer<D>>,
  settings: MarginSettings<R> = {},
): Tensor<LossShape<Rows, R>, D> {
  losses.checkSameShape("cosineEmbeddingLoss", ["vectors", "vectors"], a.value, b.value);
  const rows = { shape: a.value.shape.slice(0, -1) };
  losses.checkSameShape("cosineEmbeddingLoss", ["rows", "labels"], rows, labels.value);
  return reduced(losses.cosineEmbedding(a.value, b.value, labels.value, settings.margin ?? 0), settings);
}

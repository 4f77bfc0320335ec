/** @file Losses of numbers and vectors as values, element by element or row by row. */
import { GraphError } from "../errors.ts";
import { sameShape, showShape } from "../shape.ts";
import { withGradient, type Value } from "../value.ts";
import {
  abs,
  add,
  divide,
  log,
  maximum,
  minimum,
  multiply,
  negate,
  power,
  relu,
  sigmoid,
  softplus,
  sqrt,
  square,
  subtract,
} from "./elementwise.ts";
import { sum } from "./reduce.ts";

/**
 * Checks that what is compared has one shape.
 * @throws {@link GraphError} when it has not
 */
export function checkSameShape(
  what: string,
  names: readonly [string, string],
  a: Pick<Value, "shape">,
  b: Pick<Value, "shape">,
): void {
  if (!sameShape(a.shape, b.shape))
    throw new GraphError(
      `${what}: ${names[0]} ${showShape(a.shape)} and ${names[1]} ${showShape(b.shape)} differ`,
    );
}

/**
 * Binary cross-entropy of logits z against labels y, element by element, with the positive class weighted by w:
 * `(1 - y) z + (1 + (w - 1) y) softplus(-z)`, which never overflows. With w = 1 it is `-log p` of the label.
 */
export function binaryCrossEntropy(logits: Value, labels: Value, positiveWeight = 1): Value {
  checkSameShape("binaryCrossEntropy", ["logits", "labels"], logits, labels);
  const missed = softplus(negate(logits));
  const weighted =
    positiveWeight === 1 ? missed : multiply(missed, add(multiply(labels, positiveWeight - 1), 1));
  return add(multiply(subtract(1, labels), logits), weighted);
}

/**
 * Binary cross-entropy of probabilities p against labels y, element by element: `-(y log p + (1 - y) log(1 - p))`, the
 * logarithms no less than -100 (PyTorch's `binary_cross_entropy`).
 */
export function binaryCrossEntropyOfProbabilities(probabilities: Value, labels: Value): Value {
  checkSameShape("binaryCrossEntropy", ["probabilities", "labels"], probabilities, labels);
  const other = subtract(1, probabilities);
  const hit = maximum(log(probabilities), -100);
  const missed = maximum(log(other), -100);
  const losses = negate(add(multiply(labels, hit), multiply(subtract(1, labels), missed)));
  return withGradient(losses, [probabilities, labels], (gradient) => [
    // The denominator as PyTorch bounds it, so that certain predictions have a finite gradient.
    divide(
      multiply(gradient, subtract(probabilities, labels)),
      maximum(multiply(probabilities, other), 1e-12),
    ),
    multiply(gradient, subtract(missed, hit)),
  ]);
}

/**
 * Huber's loss of the difference d, element by element: `d² / 2` up to |d| = δ, then `δ (|d| - δ / 2)` (Huber, "Robust
 * Estimation of a Location Parameter", 1964). Its derivative is d, drawn into [-δ, δ].
 */
export function huber(predictions: Value, targets: Value, delta: number): Value {
  const difference = subtract(predictions, targets);
  const size = abs(difference);
  const inner = minimum(size, delta);
  const losses = multiply(inner, subtract(size, multiply(inner, 0.5)));
  return withGradient(losses, [predictions, targets], (gradient) => {
    const slope = multiply(gradient, maximum(minimum(difference, delta), -delta));
    return [slope, negate(slope)];
  });
}

/**
 * The focal loss of logits against labels 0 and 1, element by element: `-α (1 - p)^γ log p` with p the probability of the
 * label and α weighing positives, 1 - α negatives (Lin et al., "Focal Loss for Dense Object Detection", 2017). A negative
 * α weighs none.
 */
export function sigmoidFocal(logits: Value, labels: Value, alpha: number, gamma: number): Value {
  const probability = sigmoid(logits);
  const other = subtract(1, labels);
  const missed = add(multiply(probability, other), multiply(subtract(1, probability), labels));
  // A power with an exponent given at run time is slow, and has no finite slope at 0.
  const factor = gamma === 0 ? 1 : gamma === 1 ? missed : gamma === 2 ? square(missed) : power(missed, gamma);
  const losses = multiply(binaryCrossEntropy(logits, labels), factor);
  if (alpha < 0) return losses;
  return multiply(losses, add(multiply(labels, 2 * alpha - 1), 1 - alpha));
}

/**
 * The hinge loss of scores against labels -1 and 1, element by element: `max(0, 1 - y s)` (Rosasco et al., "Are Loss
 * Functions All the Same?", 2004).
 */
export function hinge(scores: Value, labels: Value): Value {
  return relu(subtract(1, multiply(labels, scores)));
}

/**
 * The hinge loss of distances d against labels -1 and 1, element by element: d for 1, `max(0, margin - d)` for -1
 * (PyTorch's `hinge_embedding_loss`).
 */
export function hingeEmbedding(distances: Value, labels: Value, margin: number): Value {
  const isAlike = multiply(add(labels, 1), 0.5);
  return add(multiply(isAlike, distances), multiply(subtract(1, isAlike), relu(subtract(margin, distances))));
}

/** The Euclidean distance of the vectors along the last axis, each difference with 1e-6 added, as PyTorch has it. */
function distance(a: Value, b: Value): Value {
  return sqrt(sum(square(add(subtract(a, b), 1e-6)), { axes: -1 }));
}

/**
 * The triplet loss of vectors along the last axis: `max(0, |a - p| - |a - n| + margin)` for anchor, positive and negative
 * (Schroff et al., "FaceNet", 2015, with distances instead of their squares, as PyTorch's `triplet_margin_loss`).
 */
export function tripletMargin(anchor: Value, positive: Value, negative: Value, margin: number): Value {
  return relu(add(subtract(distance(anchor, positive), distance(anchor, negative)), margin));
}

/**
 * The loss of the cosine of vectors along the last axis against labels -1 and 1: `1 - cos` for 1, `max(0, cos - margin)`
 * for -1 (PyTorch's `cosine_embedding_loss`).
 */
export function cosineEmbedding(a: Value, b: Value, labels: Value, margin: number): Value {
  const product = (x: Value, y: Value): Value => sum(multiply(x, y), { axes: -1 });
  const sizes = multiply(add(product(a, a), 1e-12), add(product(b, b), 1e-12));
  const cosine = divide(product(a, b), sqrt(sizes));
  const isAlike = multiply(add(labels, 1), 0.5);
  return add(
    multiply(isAlike, subtract(1, cosine)),
    multiply(subtract(1, isAlike), relu(subtract(cosine, margin))),
  );
}

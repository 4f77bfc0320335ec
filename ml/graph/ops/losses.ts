/** @file Losses as values, element by element or row by row. */
import { GraphError } from "../errors.ts";
import { sameShape, showShape } from "../shape.ts";
import type { Value } from "../value.ts";
import { add, multiply, negate, softplus, subtract } from "./elementwise.ts";

/**
 * Binary cross-entropy of logits z against labels y, element by element, with the positive class weighted by w:
 * `(1 - y) z + (1 + (w - 1) y) softplus(-z)`, which never overflows. With w = 1 it is `-log p` of the label.
 */
export function binaryCrossEntropy(logits: Value, labels: Value, positiveWeight = 1): Value {
  if (!sameShape(logits.shape, labels.shape))
    throw new GraphError(
      `binaryCrossEntropy: logits ${showShape(logits.shape)} and labels ${showShape(labels.shape)} differ`,
    );
  const missed = softplus(negate(logits));
  const weighted =
    positiveWeight === 1 ? missed : multiply(missed, add(multiply(labels, positiveWeight - 1), 1));
  return add(multiply(subtract(1, labels), logits), weighted);
}

/** @file What batching rules share: the batch axis stands first, the axes of one element after it. */
import { GraphError } from "../../errors.ts";
import type { Shape } from "../../shape.ts";
import type { Attributes, Value } from "../../value.ts";
import { applyAll, type BatchContext } from "../../ops/apply.ts";
import { broadcastTo, unsqueeze } from "../../ops/shape-ops.ts";

/** The operator on other inputs, its outputs' types those of one element with the batch axis before them. */
export function applyToBatch(
  { node, size }: BatchContext,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes = node.attributes,
): readonly Value[] {
  const types = node.outputs.map(({ dtype, shape }) => ({ dtype, shape: [size, ...shape] }));
  return applyAll(node.operator, inputs, attributes, { domain: node.domain, types });
}

/** The shape that an input has in one element of the batch. */
export function elementShape({ inputs, batched }: BatchContext, index: number): Shape {
  const shape = inputs[index]?.shape ?? [];
  return batched[index] ? shape.slice(1) : shape;
}

/** An input that an operator can't do without, with the batch axis, which it is given where it has none. */
export function withBatchAxis(context: BatchContext, index: number): Value {
  const x = inputOf(context, index);
  if (context.batched[index]) return x;
  const like = context.inputs.filter((each, at) => each && context.batched[at]);
  return broadcastTo(
    x,
    [context.size, ...x.shape],
    like.filter((each) => each !== undefined),
  );
}

/** An input that an operator can't do without. */
export function inputOf({ inputs, node }: BatchContext, index: number): Value {
  const x = inputs[index];
  if (!x) throw new GraphError(`${node.operator} needs its input number ${index + 1}`);
  return x;
}

/** An input with axes of size 1 before those of its elements, so that they have `rank` and broadcast over the batch. */
export function withRank(context: BatchContext, index: number, rank: number): Value {
  const x = inputOf(context, index);
  const missing = rank - elementShape(context, index).length;
  if (!context.batched[index] || missing <= 0) return x;
  return unsqueeze(
    x,
    Array.from({ length: missing }, (_, axis) => axis + 1),
  );
}

/** Throws where an input that says what to do, such as a vector of axes, differs between the elements of a batch. */
export function refuseBatched({ batched, node }: BatchContext, ...indices: readonly number[]): void {
  const wrong = indices.find((index) => batched[index]);
  if (wrong !== undefined)
    throw new GraphError(
      `vmap: the input number ${wrong + 1} of ${node.operator} must be the same for all elements of the batch`,
    );
}

/** @file A step repeated over sequences, on tensors. */
import type { DType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import * as ops from "../ops/scan.ts";
import type { IsAny } from "../shape-types.ts";
import type { Dimension, Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { mapTree, tensors, type Tree } from "../trees.ts";
import type { Value } from "../value.ts";

/** A tree of sequences as one of their slices: without the first axis. */
export type SliceOf<T> =
  T extends Tensor<infer S, infer D>
    ? Tensor<WithoutFirst<S>, D extends DType ? D : never>
    : { readonly [Name in keyof T]: SliceOf<T[Name]> };

type WithoutFirst<S extends Shape> =
  IsAny<S> extends true ? S : S extends readonly [Dimension, ...infer Rest extends Shape] ? Rest : Shape;

/** A tree of tensors as stacked over steps: with a first axis of their number. */
export type StackOf<T, Steps extends Dimension = number> =
  T extends Tensor<infer S, infer D>
    ? Tensor<Stacked<S, Steps>, D extends DType ? D : never>
    : { readonly [Name in keyof T]: StackOf<T[Name], Steps> };

type Stacked<S extends Shape, Steps extends Dimension> = IsAny<S> extends true ? S : readonly [Steps, ...S];

/**
 * Repeats a step over sequences: trees of tensors `[steps, ...]`, of which the step gets one slice after the other. What
 * it carries keeps its form; what it gives beside is stacked along a new first axis. Gradients flow through the carried
 * values, the sequences, and the tensors from outside that the step uses. Random tensors inside are the same at each step.
 *
 * @returns the carried values after the last step, and the stacked outputs
 * @throws {@link GraphError} without sequences, where their lengths differ, or where a step changes the form of what it
 *   carries
 * @example const [total, sums] = scan(tensor(0), numbers, (sum, x) => [sum.add(x), sum.add(x)]);
 */
export function scan<Carry extends Tree, Sequences extends Tree, Outputs extends Tree>(
  initial: Carry,
  sequences: Sequences,
  step: (carry: Carry, slice: SliceOf<Sequences>) => readonly [carry: Carry, outputs: Outputs],
  options?: ops.ScanOptions,
): readonly [carry: Carry, outputs: StackOf<Outputs>];
export function scan(
  initial: Tree,
  sequences: Tree,
  step: (carry: never, slice: never) => readonly [carry: Tree, outputs: Tree],
  options: ops.ScanOptions = {},
): readonly [carry: Tree, outputs: unknown] {
  const traced: (readonly [Tree, Tree])[] = [];
  const { carry, outputs } = ops.scan(
    valuesOf(initial),
    valuesOf(sequences),
    (carried, slices) => {
      // SAFETY: both trees have the form that the step takes; the slices' shapes lack the first axis.
      const made = step(fill(initial, carried) as never, fill(sequences, slices) as never);
      traced.push(made);
      return { carry: valuesOf(made[0]), outputs: valuesOf(made[1]) };
    },
    options,
  );
  const [made] = traced;
  if (!made) throw new GraphError("scan: the step was not traced");
  return [fill(made[0], carry), fill(made[1], outputs)];
}

function valuesOf(tree: Tree): Value[] {
  return tensors(tree).map(({ value }) => value);
}

/** A tree of the form of another, of these values. */
function fill<T extends Tree>(form: T, values: readonly Value[]): T {
  let index = 0;
  return mapTree(form, (tensor) => new Tensor(values[index++] ?? tensor.value));
}

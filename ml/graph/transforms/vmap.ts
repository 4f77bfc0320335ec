/** @file Functions of one element made functions of a batch. */
import { GraphError } from "../errors.ts";
import { transpose } from "../ops/shape-ops.ts";
import { normalAxis } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { mapTree, tensors, type Tree } from "../trees.ts";
import { input, type Value } from "../value.ts";
import { Batching } from "./batching.ts";

/** Where the batch axes stand. */
export interface VmapOptions {
  /** The batch axis of each argument's tensors: one for all, or one for each; null for what all elements share. */
  readonly inAxes?: number | null | readonly (number | null)[];
  /** Where the batch axis of the result's tensors goes; first where absent. */
  readonly outAxes?: number;
}

/** Trees whose tensors have a batch axis before theirs. */
export type Batched<T> =
  T extends Tensor<infer S, infer D>
    ? Tensor<0 extends 1 & S ? S : readonly [number, ...S], D>
    : // The tree of unknown form stays: it has no end.
      Tree extends T
      ? T
      : { readonly [K in keyof T]: Batched<T[K]> };

/** Arguments whose tensors have a batch axis before theirs; those of a list of unknown length are not checked. */
export type BatchedArguments<Arguments extends readonly unknown[]> = Arguments extends readonly [
  infer First,
  ...infer Rest,
]
  ? readonly [Batched<First>, ...BatchedArguments<Rest>]
  : Arguments extends readonly []
    ? readonly []
    : readonly Tree[];

/** Trees of the same form, the shapes of their tensors unknown. */
export type AnyShapes<T> =
  // oxlint-disable-next-line typescript/no-explicit-any -- the unknown shape
  T extends Tensor<any, infer D>
    ? // oxlint-disable-next-line typescript/no-explicit-any -- the unknown shape
      Tensor<any, D>
    : { readonly [K in keyof T]: AnyShapes<T[K]> };

/**
 * A function of one element as one of a batch: it is traced once on an element, and each operator is then applied to all
 * elements at once. It is a function like any other: it can be differentiated, batched again and compiled, and the
 * derivative of a function can be batched. Random sources inside draw for each element.
 *
 * @throws {@link GraphError} when no argument has a batch axis, or their sizes differ
 * @example vmap(grad(loss), { inAxes: [null, 0, 0] })(parameters, inputs, labels) // a gradient for each row
 */
export function vmap<Arguments extends readonly Tree[], Result extends Tree>(
  compute: (...inputs: Arguments) => Result,
): (...inputs: BatchedArguments<Arguments>) => Batched<Result>;
export function vmap<Result extends Tree>(
  compute: (...inputs: never) => Result,
  options: VmapOptions,
): (...inputs: readonly Tree[]) => AnyShapes<Result>;
export function vmap(
  compute: (...inputs: never) => Tree,
  options: VmapOptions = {},
): (...inputs: never) => unknown {
  // SAFETY: the overloads say what the function takes: trees.
  return vmapTrees(compute as (...inputs: readonly Tree[]) => Tree, options);
}

function vmapTrees(
  compute: (...inputs: readonly Tree[]) => Tree,
  { inAxes = 0, outAxes = 0 }: VmapOptions,
): (...inputs: readonly Tree[]) => Tree {
  return (...inputs) => {
    const axes = typeof inAxes === "number" || inAxes === null ? inputs.map(() => inAxes) : inAxes;
    if (axes.length !== inputs.length)
      throw new GraphError(`vmap: inAxes names ${axes.length} axes for ${inputs.length} arguments`);
    const places: (readonly [Value, Value])[] = [];
    const elements = inputs.map((tree, index) => {
      const axis = axes[index];
      return axis === null || axis === undefined
        ? tree
        : mapTree(tree, (each) => place(each.value, axis, places));
    });
    const batching = new Batching(places);
    const result = compute(...elements);
    const found = batching.batch(tensors(result).map(({ value }) => value));
    let next = 0;
    return mapTree(result, ({ value }) => new Tensor(moveBatchAxis(found[next++] ?? value, 0, outAxes)));
  };
}

function place(value: Value, axis: number, places: (readonly [Value, Value])[]): Tensor {
  const batch = moveBatchAxis(value, normalAxis("vmap", axis, value.shape.length), 0);
  const element = input("an element of a batch", value.dtype, batch.shape.slice(1));
  // The same value may stand in two arguments: each place has a batch of its own.
  places.push([element, batch]);
  return new Tensor(element);
}

function moveBatchAxis(x: Value, from: number, to: number): Value {
  const order = x.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  order.splice(normalAxis("vmap", to, x.shape.length), 0, from);
  return transpose(x, order);
}

/** @file Layers one after another. */
import { GraphError } from "../../graph/errors.ts";
import type { ShapeError, ShowShape } from "../../graph/shape-types.ts";
import type { Dimension, Shape } from "../../graph/shape.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Tree } from "../../graph/trees.ts";
import { Random } from "../../random.ts";
import { layer, type Layer, type Outcome } from "./layer.ts";
import type { Mode } from "./mode.ts";

/** A layer of any kind. */
export interface AnyLayer {
  readonly init: (seed: number | Random) => Tree;
  readonly apply: (...inputs: never) => Tensor;
  readonly shapes?: { readonly in: Shape; readonly out: Outcome };
}

type ParametersOf<L extends AnyLayer> = ReturnType<L["init"]>;
type InOf<L extends AnyLayer> = NonNullable<L["shapes"]>["in"];
type OutOf<L extends AnyLayer> = NonNullable<L["shapes"]>["out"];

/** The parameters of layers in a row, in order. */
export type SequentialParameters<L extends readonly AnyLayer[]> = {
  readonly [Index in keyof L]: ParametersOf<L[Index]>;
};

/** The axes of a shape before those that a layer takes: they pass through it. */
type Leading<S extends Shape, In extends Shape> = number extends In["length"]
  ? readonly []
  : In extends readonly [...infer RestIn extends Shape, Dimension]
    ? S extends readonly [...infer RestS extends Shape, Dimension]
      ? Leading<RestS, RestIn>
      : readonly []
    : S;

/** What a layer makes of a shape. */
type After<S extends Shape, L extends AnyLayer> =
  OutOf<L> extends infer Out
    ? Out extends Shape
      ? readonly [...Leading<S, InOf<L>>, ...Out]
      : Out extends "same"
        ? S
        : Out extends "flat"
          ? readonly [FlatSize<S>]
          : S extends readonly [infer Channels extends Dimension, ...infer Rest extends Shape]
            ? readonly [Channels, ...{ readonly [Axis in keyof Rest]: number }]
            : Shape
    : never;

type FlatSize<S extends Shape> = S extends readonly [infer Only extends Dimension] ? Only : number;

/** The shape behind layers in a row. */
type Through<S extends Shape, L extends readonly AnyLayer[]> = L extends readonly [
  infer First extends AnyLayer,
  ...infer Rest extends readonly AnyLayer[],
]
  ? Through<After<S, First>, Rest>
  : S;

/** The shape that layers in a row begin with: that of the first layer that has one of its own. */
type Before<L extends readonly AnyLayer[]> = L extends readonly [
  infer First extends AnyLayer,
  ...infer Rest extends readonly AnyLayer[],
]
  ? OutOf<First> extends "same"
    ? Before<Rest>
    : InOf<First>
  : Shape;

type FitsSize<A extends Dimension, B extends Dimension> = Dimension extends B
  ? true
  : number extends A
    ? true
    : number extends B
      ? true
      : [A] extends [B]
        ? true
        : false;

/** Whether a shape ends in what is asked for. */
type Fits<S extends Shape, In extends Shape> = number extends S["length"]
  ? true
  : number extends In["length"]
    ? true
    : In extends readonly [...infer RestIn extends Shape, infer B extends Dimension]
      ? S extends readonly [...infer RestS extends Shape, infer A extends Dimension]
        ? FitsSize<A, B> extends true
          ? Fits<RestS, RestIn>
          : false
        : false
      : true;

/** Each layer, or an error in place of the first that does not fit what comes before it. */
type Chained<
  L extends readonly AnyLayer[],
  S extends Shape,
  Done extends readonly unknown[] = readonly [],
> = L extends readonly [infer First extends AnyLayer, ...infer Rest extends readonly AnyLayer[]]
  ? "shapes" extends keyof First
    ? OutOf<First> extends "same" | "spatial" | "flat"
      ? Chained<Rest, After<S, First>, readonly [...Done, unknown]>
      : Fits<S, InOf<First>> extends true
        ? Chained<Rest, After<S, First>, readonly [...Done, unknown]>
        : readonly [
            ...Done,
            ShapeError<`this layer takes [${ShowShape<InOf<First>>}], but what comes before it gives [${ShowShape<S>}]`>,
            ...Rest,
          ]
    : readonly [
        ...Done,
        ShapeError<"this isn't a layer from one float32 tensor to another: apply it by itself, an embedding before the row">,
        ...Rest,
      ]
  : Done;

/** The entry at an index; nothing more is asked where there is none. */
type EntryOf<T extends readonly unknown[], Index> = Index extends keyof T ? T[Index] : unknown;

/** Layers in a row as one layer. */
export type Sequential<L extends readonly AnyLayer[]> = Layer<
  SequentialParameters<L>,
  Before<L>,
  Through<Before<L>, L>
>;

/**
 * Layers one after another: each takes what the one before gives. A layer that does not fit is an error where it stands.
 * The parameters are those of the layers, in order.
 */
export function sequential<const L extends readonly AnyLayer[]>(
  ...layers: { readonly [Index in keyof L]: L[Index] & EntryOf<Chained<L, Before<L>>, Index> }
): Sequential<L> {
  const all: readonly AnyLayer[] = layers;
  // SAFETY: Chained has checked that each layer takes what the one before gives; parameters are in the layers' order.
  const steps = all as unknown as readonly Layer<Tree, Shape, "same">[];
  return layer<SequentialParameters<L>, Before<L>, Through<Before<L>, L>>({
    init: (random) =>
      // SAFETY: one entry for each layer.
      steps.map((each) => each.init(new Random(random.uint32()))) as unknown as SequentialParameters<L>,
    apply: (parameters, x, mode: Mode) =>
      steps.reduce((result, each, index) => {
        const own = parameters[index];
        if (own === undefined)
          throw new GraphError(`sequential: there are no parameters for layer ${index} of ${steps.length}`);
        return each.apply(own, result, mode);
      }, x),
  });
}

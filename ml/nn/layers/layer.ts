/**
 * @file Layers: how parameters are begun and how they are applied, and nothing else.
 *
 * A layer holds no state: its parameters are a tree of tensors that the caller keeps, so that a model is a plain
 * function of parameters and inputs, to be differentiated, trained and saved as such. The types of a layer are those of
 * one example; any axes before them (the batch, time) pass through.
 */
import type { Shape } from "../../graph/shape.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Tree } from "../../graph/trees.ts";
import { Random } from "../../random.ts";
import { inference, type Mode } from "./mode.ts";

/**
 * What a layer makes of an example's shape: a shape of its own, or the same one, one of other sizes behind the channels
 * ("spatial"), or all axes in one ("flat").
 */
export type Outcome = Shape | "same" | "spatial" | "flat";

/** How a layer is applied: typed by what it makes of shapes. */
export type Apply<P extends Tree, In extends Shape, Out extends Outcome> = Out extends Shape
  ? <const Batch extends Shape>(
      parameters: P,
      x: Tensor<readonly [...Batch, ...In], "float32">,
      mode?: Mode,
    ) => Tensor<readonly [...Batch, ...Out], "float32">
  : Out extends "same"
    ? <const S extends Shape>(parameters: P, x: Tensor<S, "float32">, mode?: Mode) => Tensor<S, "float32">
    : (parameters: P, x: Tensor, mode?: Mode) => Tensor;

/** A layer with parameters `P` that makes examples of shape `Out` of examples of shape `In`. */
export interface Layer<P extends Tree, In extends Shape, Out extends Outcome> {
  /** New parameters; the same seed gives the same. */
  readonly init: (seed: number | Random) => P;
  /** The layer's result for inputs; for training where the mode says so, else for inference. */
  readonly apply: Apply<P, In, Out>;
  /** Never set: the types by which layers are put together. */
  readonly shapes?: { readonly in: In; readonly out: Out };
}

/** The parameters of a layer that has none. */
export type NoParameters = readonly [];

/** What a layer is made of, as its author writes it. */
export interface LayerDefinition<P extends Tree> {
  readonly init: (random: Random) => P;
  readonly apply: (parameters: P, x: Tensor, mode: Mode) => Tensor;
}

/**
 * Makes a layer of its two functions. Its shapes are named by the type arguments; they are not checked against what
 * `apply` does, operations in it are.
 */
export function layer<P extends Tree, In extends Shape, Out extends Outcome>({
  init,
  apply,
}: LayerDefinition<P>): Layer<P, In, Out> {
  return {
    init: (seed) => init(typeof seed === "number" ? new Random(seed) : seed),
    // SAFETY: the shapes are what the layer's author says.
    apply: ((parameters: P, x: Tensor, mode: Mode = inference) => apply(parameters, x, mode)) as Apply<
      P,
      In,
      Out
    >,
  };
}

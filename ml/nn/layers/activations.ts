/** @file Activations as layers without parameters, for rows of layers; elsewhere the tensor's own methods do. */
import type { Shape } from "../../graph/shape.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { layer, type Layer, type NoParameters } from "./layer.ts";

/** A layer that keeps shapes and has no parameters. */
// oxlint-disable-next-line typescript/no-explicit-any -- the unknown shape
export type ShapelessLayer = Layer<NoParameters, any, "same">;

/** A function of tensors that keeps their shape, as a layer. */
export function activation(compute: (x: Tensor) => Tensor): ShapelessLayer {
  return layer<NoParameters, Shape, "same">({ init: () => [], apply: (_parameters, x) => compute(x) });
}

/** `max(x, 0)`. */
export const relu = (): ShapelessLayer => activation((x) => x.relu());

/** The hyperbolic tangent. */
export const tanh = (): ShapelessLayer => activation((x) => x.tanh());

/** `1 / (1 + e^-x)`. */
export const sigmoid = (): ShapelessLayer => activation((x) => x.sigmoid());

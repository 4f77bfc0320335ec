/** @file What a layer adds to its input. */
import type { Shape } from "../../graph/shape.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Tree } from "../../graph/trees.ts";
import { layer, type Layer } from "./layer.ts";
import type { Mode } from "./mode.ts";

/**
 * `x + layer(x)`: a layer around which the input passes (He and others, "Deep Residual Learning", 2015).
 */
export function residual<P extends Tree, In extends Shape>(
  inner: Layer<P, In, In> | Layer<P, In, "same">,
): Layer<P, In, In> {
  // SAFETY: either kind of layer gives the shape that it takes.
  const apply = inner.apply as (parameters: P, x: Tensor, mode: Mode) => Tensor;
  return layer<P, In, In>({
    init: inner.init,
    apply: (parameters, x, mode) => x.add(apply(parameters, x, mode)),
  });
}

/** @file The fully connected layer. */
import { affine } from "../../graph/ops/matmul.ts";
import { Tensor } from "../../graph/tensor.ts";
import { fanInUniform, type Initialiser } from "./initialisers.ts";
import { layer, type Layer } from "./layer.ts";

/** The parameters of {@link linear}. */
export type LinearParameters<In extends number, Out extends number> = {
  readonly weight: Tensor<readonly [In, Out], "float32">;
  readonly bias: Tensor<readonly [Out], "float32">;
};

/** How a {@link linear} layer begins. */
export interface LinearOptions {
  /** The first weights; {@link fanInUniform}, as in PyTorch, where absent. */
  readonly weight?: Initialiser;
}

/** The fully connected layer `x · weight + bias`: `[…, inputs]` to `[…, outputs]`. */
export function linear<const In extends number, const Out extends number>(
  inputs: In,
  outputs: Out,
  { weight = fanInUniform }: LinearOptions = {},
): Layer<LinearParameters<In, Out>, readonly [In], readonly [Out]> {
  const fan = { in: inputs, out: outputs };
  return layer({
    init: (random) => ({
      weight: weight([inputs, outputs], fan, random),
      bias: fanInUniform([outputs], fan, random),
    }),
    apply: (parameters, x) => new Tensor(affine(x.value, parameters.weight.value, parameters.bias.value)),
  });
}

/** @file Attention and transformer blocks as layers over sequences `[batch, time, width]`. */
import { GraphError } from "../../graph/errors.ts";
import { multiHeadAttention as attend } from "../../graph/functions/attention.ts";
import { geluFeedForward, type LinearMap } from "../../graph/ops/feed-forward.ts";
import type { Dimension } from "../../graph/shape.ts";
import { Tensor } from "../../graph/tensor.ts";
import { fanInUniform, glorotUniform, zerosInitialiser } from "./initialisers.ts";
import { layer, type Layer } from "./layer.ts";
import { linear, type LinearParameters } from "./linear.ts";
import { layerNorm, type AffineParameters } from "./normalization.ts";

/** Steps of a sequence of some width. */
export type Steps<Width extends number> = readonly [Dimension, Width];

/** The parameters of {@link multiHeadAttention}, of PyTorch's layout. */
export type AttentionParameters<Width extends number> = {
  /** `[3 · width, width]`: of queries, keys and values, one below the other. */
  readonly inProjWeight: Tensor<readonly [number, Width], "float32">;
  readonly inProjBias: Tensor<readonly [number], "float32">;
  readonly outProjWeight: Tensor<readonly [Width, Width], "float32">;
  readonly outProjBias: Tensor<readonly [Width], "float32">;
};

/** How attention runs. */
export interface AttentionSettings {
  /** How many heads; they divide the width. */
  readonly heads: number;
  /** Whether each step sees only those up to itself; false where absent. */
  readonly causal?: boolean;
}

/** Self-attention in several heads (Vaswani and others, "Attention is all you need", 2017). */
export function multiHeadAttention<const Width extends number>(
  width: Width,
  { heads, causal = false }: AttentionSettings,
): Layer<AttentionParameters<Width>, Steps<Width>, Steps<Width>> {
  if (width % heads !== 0) throw new GraphError(`a width of ${width} does not divide into ${heads} heads`);
  const square = { in: width, out: width };
  return layer({
    init: (random) => ({
      inProjWeight: glorotUniform([3 * width, width], { in: width, out: 3 * width }, random),
      inProjBias: zerosInitialiser([3 * width], square, random),
      outProjWeight: fanInUniform([width, width], square, random),
      outProjBias: zerosInitialiser([width], square, random),
    }),
    apply: (parameters, x) => attend(x, x, x, parameters, { heads, causal }),
  });
}

/** How a transformer block is built. */
export interface TransformerSettings extends AttentionSettings {
  /** The width between the two linear layers; four times the block's where absent. */
  readonly feedForward?: number;
}

/** The parameters of {@link transformerBlock}. */
export type TransformerParameters<Width extends number> = {
  readonly attentionNorm: AffineParameters<Width>;
  readonly attention: AttentionParameters<Width>;
  readonly feedForwardNorm: AffineParameters<Width>;
  readonly wide: LinearParameters<Width, number>;
  readonly narrow: LinearParameters<number, Width>;
};

/**
 * A transformer block that normalises first: `x + attention(norm(x))`, then `x + narrow(gelu(wide(norm(x))))` (Vaswani
 * and others, 2017; Xiong and others, "On Layer Normalization in the Transformer Architecture", 2020).
 */
export function transformerBlock<const Width extends number>(
  width: Width,
  { feedForward = 4 * width, ...settings }: TransformerSettings,
): Layer<TransformerParameters<Width>, Steps<Width>, Steps<Width>> {
  const norm = layerNorm<number>(width);
  const attention = multiHeadAttention<number>(width, settings);
  const wide = linear<number, number>(width, feedForward);
  const narrow = linear<number, number>(feedForward, width);
  return layer({
    // SAFETY: every width is the block's.
    init: (random) =>
      ({
        attentionNorm: norm.init(random),
        attention: attention.init(random),
        feedForwardNorm: norm.init(random),
        wide: wide.init(random),
        narrow: narrow.init(random),
      }) as unknown as TransformerParameters<Width>,
    apply: (parameters, x: Tensor, mode) => {
      const attended: Tensor = norm.apply(parameters.attentionNorm, x, mode);
      const mixed = x.add(attention.apply(parameters.attention, attended, mode));
      const normed: Tensor = norm.apply(parameters.feedForwardNorm, mixed, mode);
      return mixed.add(
        new Tensor(geluFeedForward(normed.value, valuesOf(parameters.wide), valuesOf(parameters.narrow))),
      );
    },
  });
}

function valuesOf({ weight, bias }: LinearParameters<number, number>): LinearMap {
  return { weight: weight.value, bias: bias.value };
}

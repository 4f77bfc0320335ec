/** @file Attention on tensors. */
import type { DType } from "../dtype.ts";
import * as ops from "../ops/attention.ts";
import type { Dimension, Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";

/** What a query may look at, and how scores are scaled. */
export interface AttentionOptions {
  /** Broadcasts to the scores `[..., queries, keys]`: of bool, true where a query sees a key; else added to the scores. */
  readonly mask?: Tensor;
  /** Whether query i sees only the keys up to i. */
  readonly causal?: boolean;
  /** What scores are multiplied with; 1 / √width where absent. */
  readonly scale?: number;
}

/**
 * `softmax(q kᵀ · scale + mask) v` (Vaswani et al., "Attention is all you need", 2017): queries `[..., queries, width]`,
 * keys `[..., keys, width]` and values `[..., keys, features]` give `[..., queries, features]`. A query that sees nothing
 * by a mask of bools gets zeros.
 *
 * @throws {@link GraphError} where shapes do not fit
 */
export function scaledDotProductAttention<
  const Batch extends Shape,
  Queries extends Dimension,
  Width extends Dimension,
  Keys extends Dimension,
  Features extends Dimension,
  D extends DType,
>(
  query: Tensor<readonly [...Batch, Queries, Width], D>,
  key: Tensor<readonly [...Batch, Keys, NoInfer<Width>], NoInfer<D>>,
  value: Tensor<readonly [...Batch, NoInfer<Keys>, Features], NoInfer<D>>,
  { mask, causal, scale }: AttentionOptions = {},
): Tensor<readonly [...Batch, Queries, Features], D> {
  const options = { mask: mask?.value, causal, scale };
  return new Tensor(ops.scaledDotProductAttention(query.value, key.value, value.value, options));
}

/** The weights of multi-head attention over a width E, as PyTorch's `nn.MultiheadAttention` has them. */
export type MultiHeadWeights = {
  /** `[3 E, E]`: of queries, keys and values, one below the other. */
  readonly inProjWeight: Tensor<readonly [number, number]>;
  readonly inProjBias?: Tensor<readonly [number]>;
  readonly outProjWeight: Tensor<readonly [number, number]>;
  readonly outProjBias?: Tensor<readonly [number]>;
};

/** How multi-head attention runs; its mask broadcasts to `[batch, heads, queries, keys]`. */
export interface MultiHeadOptions extends AttentionOptions {
  /** Divides the width. */
  readonly heads: number;
}

/**
 * Attention in several heads (Vaswani et al., 2017, section 3.2.2) over queries `[batch, queries, E]`, keys and values
 * `[batch, keys, E]`. The same tensor as all three (self-attention) is projected at once.
 *
 * @throws {@link GraphError} where E does not divide into heads, or shapes do not fit
 */
export function multiHeadAttention<
  Batch extends Dimension,
  Queries extends Dimension,
  Keys extends Dimension,
  Width extends Dimension,
>(
  query: Tensor<readonly [Batch, Queries, Width]>,
  key: Tensor<readonly [NoInfer<Batch>, Keys, NoInfer<Width>]>,
  value: Tensor<readonly [NoInfer<Batch>, NoInfer<Keys>, NoInfer<Width>]>,
  { inProjWeight, inProjBias, outProjWeight, outProjBias }: MultiHeadWeights,
  { heads, mask, causal, scale }: MultiHeadOptions,
): Tensor<readonly [Batch, Queries, Width]> {
  const weights = {
    inProjWeight: inProjWeight.value,
    inProjBias: inProjBias?.value,
    outProjWeight: outProjWeight.value,
    outProjBias: outProjBias?.value,
  };
  const options = { mask: mask?.value, causal, scale };
  return new Tensor(ops.multiHeadAttention(query.value, key.value, value.value, heads, weights, options));
}

/** @file Normalisations as layers. */
import { ones, zeros } from "../../graph/create.ts";
import {
  batchNorm as normalizeBatch,
  batchNormTraining,
  groupNorm as normalizeGroups,
  layerNorm as normalizeLast,
  rmsNorm as normalizeRms,
} from "../../graph/functions/normalization.ts";
import type { Shape } from "../../graph/shape.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { layer, type Layer } from "./layer.ts";

/** What normalised values are scaled and moved by. */
export type AffineParameters<Width extends number> = {
  readonly weight: Tensor<readonly [Width], "float32">;
  readonly bias: Tensor<readonly [Width], "float32">;
};

/** The parameters of {@link batchNorm}: the running statistics are moved by training, not by gradients. */
export type BatchNormParameters<Channels extends number> = AffineParameters<Channels> & {
  readonly mean: Tensor<readonly [Channels], "float32">;
  readonly variance: Tensor<readonly [Channels], "float32">;
};

/** How fast running statistics follow the batches', and what keeps the division defined. */
export interface BatchNormSettings {
  /** The share of the newest batch; 0.1 where absent. */
  readonly momentum?: number;
  /** Added to the variance; 1e-5 where absent. */
  readonly epsilon?: number;
}

/**
 * Normalises each channel over the batch: `[batch, channels, …]` of any rank. In training by the batch's own statistics,
 * afterwards by those that training has gathered (Ioffe and Szegedy, "Batch Normalization", 2015).
 */
export function batchNorm<const Channels extends number>(
  channels: Channels,
  { momentum = 0.1, epsilon = 1e-5 }: BatchNormSettings = {},
): Layer<BatchNormParameters<Channels>, Shape, "same"> {
  return layer<BatchNormParameters<Channels>, Shape, "same">({
    init: () => ({
      weight: ones([channels]),
      bias: zeros([channels]),
      mean: zeros([channels]),
      variance: ones([channels]),
    }),
    apply: ({ weight, bias, mean, variance }, x, mode) => {
      const running: { readonly mean: Tensor; readonly variance: Tensor } = { mean, variance };
      if (!mode.isTraining) return normalizeBatch(x, running, { weight, bias, epsilon });
      const trained = batchNormTraining(x, running, { weight, bias, epsilon, momentum });
      mode.update(mean, trained.running.mean);
      mode.update(variance, trained.running.variance);
      return trained.output;
    },
  });
}

/** Normalises the last axis of each example (Ba and others, "Layer Normalization", 2016). */
export function layerNorm<const Width extends number>(
  width: Width,
  epsilon = 1e-5,
): Layer<AffineParameters<Width>, readonly [Width], readonly [Width]> {
  return layer({
    init: () => ({ weight: ones([width]), bias: zeros([width]) }),
    apply: ({ weight, bias }, x) => normalizeLast(x, [width], { weight, bias, epsilon }),
  });
}

/** Normalises groups of channels of each example of `[batch, channels, …]` (Wu and He, "Group Normalization", 2018). */
export function groupNorm<const Channels extends number>(
  groups: number,
  channels: Channels,
  epsilon = 1e-5,
): Layer<AffineParameters<Channels>, Shape, "same"> {
  return layer<AffineParameters<Channels>, Shape, "same">({
    init: () => ({ weight: ones([channels]), bias: zeros([channels]) }),
    apply: ({ weight, bias }, x) => normalizeGroups(x, groups, { weight, bias, epsilon }),
  });
}

/** The parameters of {@link rmsNorm}. */
export type RmsNormParameters<Width extends number> = {
  readonly weight: Tensor<readonly [Width], "float32">;
};

/** Divides the last axis by its root mean square (Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019). */
export function rmsNorm<const Width extends number>(
  width: Width,
): Layer<RmsNormParameters<Width>, readonly [Width], readonly [Width]> {
  return layer({
    init: () => ({ weight: ones([width]) }),
    apply: ({ weight }, x) => normalizeRms(x, { weight }),
  });
}

/** @file Pooling and flattening as layers, without parameters. */
import {
  avgPool2d as average2d,
  globalAvgPool as globalAverage,
  maxPool1d as max1d,
  maxPool2d as max2d,
} from "../../graph/functions/pooling.ts";
import type { PerAxis } from "../../graph/functions/spatial.ts";
import type { Dimension, Shape } from "../../graph/shape.ts";
import { reshape } from "../../graph/ops/shape-ops.ts";
import { Tensor } from "../../graph/tensor.ts";
import { layer, type Layer, type NoParameters } from "./layer.ts";

/** A layer without parameters that keeps the channels and changes the sizes behind them. */
export type SpatialLayer<In extends Shape> = Layer<NoParameters, In, "spatial">;

type Sequence = readonly [Dimension, Dimension];
type Image = readonly [Dimension, Dimension, Dimension];

/** The settings of a pooling layer. */
export interface PoolingSettings<Sizes extends readonly number[]> {
  /** How far windows are apart; their size where absent. */
  readonly stride?: PerAxis<Sizes>;
  /** How much is added around the input; 0 where absent. */
  readonly padding?: PerAxis<Sizes>;
}

function spatial<In extends Shape>(compute: (x: Tensor) => Tensor): SpatialLayer<In> {
  return layer<NoParameters, In, "spatial">({ init: () => [], apply: (_parameters, x) => compute(x) });
}

/** The largest of each window of a sequence: `[channels, length]` to `[channels, length']`. */
export function maxPool1d(
  kernel: number,
  settings: PoolingSettings<readonly [number]> = {},
): SpatialLayer<Sequence> {
  return spatial((x) => max1d(x, kernel, settings));
}

/** The largest of each window of an image: `[channels, height, width]` to `[channels, height', width']`. */
export function maxPool2d(
  kernel: PerAxis<readonly [number, number]>,
  settings: PoolingSettings<readonly [number, number]> = {},
): SpatialLayer<Image> {
  return spatial((x) => max2d(x, kernel, settings));
}

/** The mean of each window of an image: `[channels, height, width]` to `[channels, height', width']`. */
export function avgPool2d(
  kernel: PerAxis<readonly [number, number]>,
  settings: PoolingSettings<readonly [number, number]> = {},
): SpatialLayer<Image> {
  return spatial((x) => average2d(x, kernel, settings));
}

/** The mean of each channel: `[channels, height, width]` to `[channels, 1, 1]`. */
export function globalAvgPool(): SpatialLayer<Image> {
  return spatial((x) => globalAverage(x));
}

/** All axes but the batch's in one: `[batch, …]` to `[batch, size]`. */
export function flatten(): Layer<NoParameters, Shape, "flat"> {
  return layer<NoParameters, Shape, "flat">({
    init: () => [],
    apply: (_parameters, x) => new Tensor(reshape(x.value, [x.value.shape[0] ?? 1, -1])),
  });
}

/** @file Pooling of tensors, batch and channels first, with settings as PyTorch's functions of these names. */
import type { DType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { averagePool, maxPool, spatialAxes } from "../ops/pooling.ts";
import { max, mean } from "../ops/reduce.ts";
import type { Windows } from "../ops/windows.ts";
import { knownSizes, showShape, type Dimension } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { perAxis, windowsBy, type PerAxis } from "./spatial.ts";

type One = readonly [number];
type Two = readonly [number, number];

/** Settings of pooling. `Sizes` has one number for each spatial axis. */
export interface PoolOptions<Sizes extends readonly number[]> {
  /** How far windows are apart; their size where absent. */
  readonly stride?: PerAxis<Sizes>;
  /** What is added around the input, at most half a window; 0 where absent. */
  readonly padding?: PerAxis<Sizes>;
}

/** Settings of the largest of windows. */
export interface MaxPoolOptions<Sizes extends readonly number[]> extends PoolOptions<Sizes> {
  /** How far the elements of a window are apart; 1 where absent. */
  readonly dilation?: PerAxis<Sizes>;
}

/** Settings of the mean of windows. */
export interface AveragePoolOptions<Sizes extends readonly number[]> extends PoolOptions<Sizes> {
  /** Whether padding counts, as zeros; true where absent. */
  readonly countIncludePad?: boolean;
}

/**
 * The largest of each window of sequences: `[batch, channels, length]` gives `[batch, channels, length']` with
 * `length' = ⌊(length + 2 padding - dilation (size - 1) - 1) / stride⌋ + 1` (ONNX operator specification, MaxPool). Of
 * its gradient, each of several equal largest elements receives all.
 * @throws {@link GraphError} when a window is larger than the padded input, or the padding than half a window
 */
export function maxPool1d<N extends Dimension, C extends Dimension, D extends DType>(
  x: Tensor<readonly [N, C, Dimension], D>,
  size: PerAxis<One>,
  options: MaxPoolOptions<One> = {},
): Tensor<readonly [N, C, number], D> {
  return new Tensor(maxPool(x.value, poolWindows("maxPool1d", 1, x, size, options)));
}

/**
 * The largest of each window of images: `[batch, channels, height, width]`, sizes and gradient as for
 * {@link maxPool1d}.
 * @throws {@link GraphError} when a window is larger than the padded input, or the padding than half a window
 */
export function maxPool2d<N extends Dimension, C extends Dimension, D extends DType>(
  x: Tensor<readonly [N, C, Dimension, Dimension], D>,
  size: PerAxis<Two>,
  options: MaxPoolOptions<Two> = {},
): Tensor<readonly [N, C, number, number], D> {
  return new Tensor(maxPool(x.value, poolWindows("maxPool2d", 2, x, size, options)));
}

/**
 * The mean of each window of sequences, `[batch, channels, length]`, sizes as for {@link maxPool1d} (ONNX operator
 * specification, AveragePool).
 * @throws {@link GraphError} when a window is larger than the padded input, or the padding than half a window
 */
export function avgPool1d<N extends Dimension, C extends Dimension, D extends DType>(
  x: Tensor<readonly [N, C, Dimension], D>,
  size: PerAxis<One>,
  options: AveragePoolOptions<One> = {},
): Tensor<readonly [N, C, number], D> {
  const windows = poolWindows("avgPool1d", 1, x, size, options);
  return new Tensor(averagePool(x.value, windows, options.countIncludePad ?? true));
}

/**
 * The mean of each window of images, `[batch, channels, height, width]`, sizes as for {@link maxPool1d} (ONNX operator
 * specification, AveragePool).
 * @throws {@link GraphError} when a window is larger than the padded input, or the padding than half a window
 */
export function avgPool2d<N extends Dimension, C extends Dimension, D extends DType>(
  x: Tensor<readonly [N, C, Dimension, Dimension], D>,
  size: PerAxis<Two>,
  options: AveragePoolOptions<Two> = {},
): Tensor<readonly [N, C, number, number], D> {
  const windows = poolWindows("avgPool2d", 2, x, size, options);
  return new Tensor(averagePool(x.value, windows, options.countIncludePad ?? true));
}

/**
 * The means of equal parts of sequences, so many that the result has this length.
 * @throws {@link GraphError} when the length does not divide, or is not known
 */
export function adaptiveAvgPool1d<
  N extends Dimension,
  C extends Dimension,
  const L extends number,
  D extends DType,
>(x: Tensor<readonly [N, C, Dimension], D>, size: L): Tensor<readonly [N, C, L], D> {
  return new Tensor(averagePool(x.value, partsOf("adaptiveAvgPool1d", x, [size]), false));
}

/**
 * The means of equal parts of images, so many that the result has this height and width.
 * @throws {@link GraphError} when a size does not divide, or is not known
 */
export function adaptiveAvgPool2d<
  N extends Dimension,
  C extends Dimension,
  const H extends number,
  const W extends number,
  D extends DType,
>(
  x: Tensor<readonly [N, C, Dimension, Dimension], D>,
  size: readonly [H, W],
): Tensor<readonly [N, C, H, W], D> {
  return new Tensor(averagePool(x.value, partsOf("adaptiveAvgPool2d", x, size), false));
}

/** The mean over all spatial axes: `[batch, channels, ...]` gives `[batch, channels]`. */
export function globalAvgPool<N extends Dimension, C extends Dimension, D extends DType>(
  x: Tensor<readonly [N, C, ...Dimension[]], D>,
): Tensor<readonly [N, C], D> {
  return new Tensor(mean(x.value, { axes: spatialAxes(x.value.shape) }));
}

/**
 * The largest over all spatial axes: `[batch, channels, ...]` gives `[batch, channels]`. Of its gradient, several equal
 * largest elements receive equal parts.
 */
export function globalMaxPool<N extends Dimension, C extends Dimension, D extends DType>(
  x: Tensor<readonly [N, C, ...Dimension[]], D>,
): Tensor<readonly [N, C], D> {
  return new Tensor(max(x.value, { axes: spatialAxes(x.value.shape) }));
}

interface Settings {
  readonly stride?: number | readonly number[];
  readonly padding?: number | readonly number[];
  readonly dilation?: number | readonly number[];
}

function poolWindows(
  what: string,
  rank: number,
  x: Tensor,
  size: number | readonly number[],
  options: Settings,
): Windows {
  if (x.value.shape.length !== rank + 2)
    throw new GraphError(
      `${what} takes a tensor of ${rank + 2} axes, batch and channels first, not ${showShape(x.value.shape)}`,
    );
  const kernel = perAxis(what, size, rank);
  const windows = windowsBy(what, kernel, { ...options, stride: options.stride ?? kernel });
  // A window that lies in the padding has no element.
  if (windows.before.some((count, axis) => 2 * count > (kernel[axis] ?? 1)))
    throw new GraphError(`${what}: the padding ${windows.before.join(", ")} is more than half a window`);
  return windows;
}

function partsOf(what: string, x: Tensor, parts: readonly number[]): Windows {
  const sizes = knownSizes(x.value.shape.slice(2));
  const kernel = sizes?.map((size, axis) => size / (parts[axis] ?? 1));
  if (!kernel?.every((size) => Number.isInteger(size)))
    throw new GraphError(`${what}: ${showShape(x.value.shape)} does not divide into ${showShape(parts)}`);
  return windowsBy(what, kernel, { stride: kernel });
}

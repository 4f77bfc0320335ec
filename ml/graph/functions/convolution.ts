/** @file Convolutions of tensors, batch and channels first, with settings as PyTorch's functions of these names. */
import type { DType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { convolve, convolveTransposed } from "../ops/convolution.ts";
import { knownSizes, showShape, type Dimension } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { perAxis, windowsBy, type Movement, type PerAxis } from "./spatial.ts";

/** Settings of a convolution. `Sizes` has one number for each spatial axis. */
export interface ConvolutionOptions<Out extends Dimension, D extends DType, Sizes extends readonly number[]> {
  /** Added to each output channel. */
  readonly bias?: Tensor<readonly [Out], D> | undefined;
  /** How far windows are apart; 1 where absent. */
  readonly stride?: PerAxis<Sizes>;
  /** Zeros around the input; "same" keeps its sizes, "valid" (and 0, where absent) adds none. */
  readonly padding?: PerAxis<Sizes> | "same" | "valid";
  /** How far the elements of a window are apart; 1 where absent. */
  readonly dilation?: PerAxis<Sizes>;
}

/** {@link ConvolutionOptions} with channels in groups that don't see one another. */
export interface GroupedOptions<
  Out extends Dimension,
  D extends DType,
  Sizes extends readonly number[],
> extends ConvolutionOptions<Out, D, Sizes> {
  readonly groups: number;
}

type One = readonly [number];
type Two = readonly [number, number];
type Three = readonly [number, number, number];

/**
 * The convolution of sequences: `x [batch, in, length]` by `weight [out, in / groups, kernel]` gives
 * `[batch, out, length']` with `length' = ⌊(length + 2 padding - dilation (kernel - 1) - 1) / stride⌋ + 1`. The kernel
 * is not mirrored (ONNX operator specification, Conv).
 * @throws {@link GraphError} when shapes do not fit or a window is larger than the padded input
 */
export function conv1d<N extends Dimension, C extends Dimension, O extends Dimension, D extends DType>(
  x: Tensor<readonly [N, C, Dimension], D>,
  weight: Tensor<readonly [O, NoInfer<C>, Dimension], NoInfer<D>>,
  options?: ConvolutionOptions<NoInfer<O>, NoInfer<D>, One>,
): Tensor<readonly [N, O, number], D>;
export function conv1d<N extends Dimension, O extends Dimension, D extends DType>(
  x: Tensor<readonly [N, Dimension, Dimension], D>,
  weight: Tensor<readonly [O, Dimension, Dimension], NoInfer<D>>,
  options: GroupedOptions<NoInfer<O>, NoInfer<D>, One>,
): Tensor<readonly [N, O, number], D>;
export function conv1d(x: Tensor, weight: Tensor, options: Settings = {}): Tensor {
  return convolution("conv1d", 1, x, weight, options);
}

/**
 * The convolution of images: `x [batch, in, height, width]` by `weight [out, in / groups, kernelHeight, kernelWidth]`
 * gives `[batch, out, height', width']`, sizes as for {@link conv1d}.
 * @throws {@link GraphError} when shapes do not fit or a window is larger than the padded input
 */
export function conv2d<N extends Dimension, C extends Dimension, O extends Dimension, D extends DType>(
  x: Tensor<readonly [N, C, Dimension, Dimension], D>,
  weight: Tensor<readonly [O, NoInfer<C>, Dimension, Dimension], NoInfer<D>>,
  options?: ConvolutionOptions<NoInfer<O>, NoInfer<D>, Two>,
): Tensor<readonly [N, O, number, number], D>;
export function conv2d<N extends Dimension, O extends Dimension, D extends DType>(
  x: Tensor<readonly [N, Dimension, Dimension, Dimension], D>,
  weight: Tensor<readonly [O, Dimension, Dimension, Dimension], NoInfer<D>>,
  options: GroupedOptions<NoInfer<O>, NoInfer<D>, Two>,
): Tensor<readonly [N, O, number, number], D>;
export function conv2d(x: Tensor, weight: Tensor, options: Settings = {}): Tensor {
  return convolution("conv2d", 2, x, weight, options);
}

/**
 * The convolution of volumes: `x [batch, in, depth, height, width]` by `weight [out, in / groups, ...kernel]`, sizes as
 * for {@link conv1d}.
 * @throws {@link GraphError} when shapes do not fit or a window is larger than the padded input
 */
export function conv3d<N extends Dimension, C extends Dimension, O extends Dimension, D extends DType>(
  x: Tensor<readonly [N, C, Dimension, Dimension, Dimension], D>,
  weight: Tensor<readonly [O, NoInfer<C>, Dimension, Dimension, Dimension], NoInfer<D>>,
  options?: ConvolutionOptions<NoInfer<O>, NoInfer<D>, Three>,
): Tensor<readonly [N, O, number, number, number], D>;
export function conv3d<N extends Dimension, O extends Dimension, D extends DType>(
  x: Tensor<readonly [N, Dimension, Dimension, Dimension, Dimension], D>,
  weight: Tensor<readonly [O, Dimension, Dimension, Dimension, Dimension], NoInfer<D>>,
  options: GroupedOptions<NoInfer<O>, NoInfer<D>, Three>,
): Tensor<readonly [N, O, number, number, number], D>;
export function conv3d(x: Tensor, weight: Tensor, options: Settings = {}): Tensor {
  return convolution("conv3d", 3, x, weight, options);
}

/** Settings of a transposed convolution. `Sizes` has one number for each spatial axis. */
export interface TransposedOptions<Out extends Dimension, D extends DType, Sizes extends readonly number[]> {
  /** Added to each output channel. */
  readonly bias?: Tensor<readonly [Out], D> | undefined;
  /** How far the input's elements are apart in the result; 1 where absent. */
  readonly stride?: PerAxis<Sizes>;
  /** What is cut off around the result; 0 where absent. */
  readonly padding?: PerAxis<Sizes>;
  /** What is kept at the end beyond that; 0 where absent. */
  readonly outputPadding?: PerAxis<Sizes>;
  /** How far the elements of the kernel are apart; 1 where absent. */
  readonly dilation?: PerAxis<Sizes>;
}

/** {@link TransposedOptions} with channels in groups that don't see one another. */
export interface GroupedTransposedOptions<
  Out extends Dimension,
  D extends DType,
  Sizes extends readonly number[],
> extends TransposedOptions<Out, D, Sizes> {
  readonly groups: number;
}

/**
 * The transpose of {@link conv1d} as a linear map, which grows sequences: `x [batch, in, length]` by
 * `weight [in, out / groups, kernel]` gives `[batch, out, length']` with
 * `length' = (length - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1` (ONNX operator specification,
 * ConvTranspose).
 * @throws {@link GraphError} when shapes do not fit
 */
export function convTranspose1d<
  N extends Dimension,
  C extends Dimension,
  O extends Dimension,
  D extends DType,
>(
  x: Tensor<readonly [N, C, Dimension], D>,
  weight: Tensor<readonly [NoInfer<C>, O, Dimension], NoInfer<D>>,
  options?: TransposedOptions<NoInfer<O>, NoInfer<D>, One>,
): Tensor<readonly [N, O, number], D>;
export function convTranspose1d<N extends Dimension, C extends Dimension, D extends DType>(
  x: Tensor<readonly [N, C, Dimension], D>,
  weight: Tensor<readonly [NoInfer<C>, Dimension, Dimension], NoInfer<D>>,
  options: GroupedTransposedOptions<Dimension, NoInfer<D>, One>,
): Tensor<readonly [N, number, number], D>;
export function convTranspose1d(x: Tensor, weight: Tensor, options: TransposedSettings = {}): Tensor {
  return transposedConvolution("convTranspose1d", 1, x, weight, options);
}

/**
 * The transpose of {@link conv2d} as a linear map, which grows images: `x [batch, in, height, width]` by
 * `weight [in, out / groups, kernelHeight, kernelWidth]`, sizes as for {@link convTranspose1d}.
 * @throws {@link GraphError} when shapes do not fit
 */
export function convTranspose2d<
  N extends Dimension,
  C extends Dimension,
  O extends Dimension,
  D extends DType,
>(
  x: Tensor<readonly [N, C, Dimension, Dimension], D>,
  weight: Tensor<readonly [NoInfer<C>, O, Dimension, Dimension], NoInfer<D>>,
  options?: TransposedOptions<NoInfer<O>, NoInfer<D>, Two>,
): Tensor<readonly [N, O, number, number], D>;
export function convTranspose2d<N extends Dimension, C extends Dimension, D extends DType>(
  x: Tensor<readonly [N, C, Dimension, Dimension], D>,
  weight: Tensor<readonly [NoInfer<C>, Dimension, Dimension, Dimension], NoInfer<D>>,
  options: GroupedTransposedOptions<Dimension, NoInfer<D>, Two>,
): Tensor<readonly [N, number, number, number], D>;
export function convTranspose2d(x: Tensor, weight: Tensor, options: TransposedSettings = {}): Tensor {
  return transposedConvolution("convTranspose2d", 2, x, weight, options);
}

interface Settings extends Movement {
  readonly bias?: Tensor | undefined;
  readonly groups?: number;
}

interface TransposedSettings {
  readonly bias?: Tensor | undefined;
  readonly stride?: number | readonly number[];
  readonly padding?: number | readonly number[];
  readonly outputPadding?: number | readonly number[];
  readonly dilation?: number | readonly number[];
  readonly groups?: number;
}

function kernelOf(what: string, rank: number, x: Tensor, weight: Tensor): readonly number[] {
  const kernel = knownSizes(weight.value.shape.slice(2));
  if (x.value.shape.length !== rank + 2 || weight.value.shape.length !== rank + 2 || !kernel)
    throw new GraphError(
      `${what} takes tensors of ${rank + 2} axes, batch and channels first, not ${showShape(x.value.shape)} and ${showShape(weight.value.shape)}`,
    );
  return kernel;
}

function convolution(what: string, rank: number, x: Tensor, weight: Tensor, options: Settings): Tensor {
  const windows = windowsBy(what, kernelOf(what, rank, x, weight), options);
  const { bias, groups = 1 } = options;
  return new Tensor(convolve(x.value, weight.value, bias?.value, { ...windows, groups }));
}

function transposedConvolution(
  what: string,
  rank: number,
  x: Tensor,
  weight: Tensor,
  options: TransposedSettings,
): Tensor {
  const windows = windowsBy(what, kernelOf(what, rank, x, weight), options);
  const { bias, groups = 1, outputPadding = 0 } = options;
  const further = perAxis(what, outputPadding, rank);
  return new Tensor(convolveTransposed(x.value, weight.value, bias?.value, { ...windows, groups }, further));
}

/** @file Normalisations of tensors, with settings as PyTorch's functions of these names. */
import type { DType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { countOver } from "../ops/count.ts";
import { add, divide, multiply, subtract, type Operand } from "../ops/elementwise.ts";
import {
  batchNormalize,
  checkParameter,
  groupNormalize,
  layerNormalize,
  normalizeChannels,
  rmsNormalize,
} from "../ops/normalization.ts";
import { showShape, type Dimension, type Shape } from "../shape.ts";
import { shapeVector } from "../ops/shape-ops.ts";
import { apply } from "../ops/apply.ts";
import { Tensor } from "../tensor.ts";
import { scalar, stopGradient, type Value } from "../value.ts";

/** Scale and shift of normalised elements; 1 and 0 where absent. */
export interface AffineOptions<S extends Shape, D extends DType> {
  readonly weight?: Tensor<S, D> | undefined;
  readonly bias?: Tensor<S, D> | undefined;
  /** Added to the variance; 1e-5 where absent. */
  readonly epsilon?: number;
}

/** Running statistics of channels, `[channels]` each. */
export interface RunningStatistics<C extends Dimension, D extends DType> {
  readonly mean: Tensor<readonly [C], D>;
  readonly variance: Tensor<readonly [C], D>;
}

/** Settings of {@link batchNormTraining}. */
export interface BatchNormOptions<C extends Dimension, D extends DType> extends AffineOptions<
  readonly [C],
  D
> {
  /** How much of the new running statistics is that of the batch; 0.1 where absent. */
  readonly momentum?: number;
}

const defaultEpsilon = 1e-5;

/**
 * Normalises the channels of `[batch, channels, ...]` by running statistics: `(x - mean) / √(variance + ε) · weight +
 * bias`, what a trained model does (Ioffe and Szegedy, "Batch Normalization", 2015; ONNX operator specification,
 * BatchNormalization).
 * @throws {@link GraphError} when a parameter has not one element for each channel
 */
export function batchNorm<S extends readonly [Dimension, Dimension, ...Dimension[]], D extends DType>(
  x: Tensor<S, D>,
  running: RunningStatistics<NoInfer<S>[1], NoInfer<D>>,
  options: AffineOptions<readonly [NoInfer<S>[1]], NoInfer<D>> = {},
): Tensor<S, D> {
  const { scale, shift } = channelParameters("batchNorm", x, options);
  const statistics = { mean: running.mean.value, variance: running.variance.value };
  checkParameter("batchNorm: the running mean", statistics.mean, scale.shape);
  checkParameter("batchNorm: the running variance", statistics.variance, scale.shape);
  return new Tensor(normalizeChannels(x.value, scale, shift, statistics, options.epsilon ?? defaultEpsilon));
}

/**
 * Normalises the channels of `[batch, channels, ...]` by the batch's own mean and biased variance, what a model in
 * training does, and moves running statistics towards the batch's: `(1 - momentum) · running + momentum · batch`, with
 * the unbiased variance (PyTorch's `batch_norm`). No gradient flows through the running statistics.
 * @throws {@link GraphError} when a parameter has not one element for each channel, or each channel has one element only
 */
export function batchNormTraining<S extends readonly [Dimension, Dimension, ...Dimension[]], D extends DType>(
  x: Tensor<S, D>,
  running: RunningStatistics<NoInfer<S>[1], NoInfer<D>>,
  options: BatchNormOptions<NoInfer<S>[1], NoInfer<D>> = {},
): { readonly output: Tensor<S, D>; readonly running: RunningStatistics<S[1], D> } {
  const { momentum = 0.1, epsilon = defaultEpsilon } = options;
  const { scale, shift } = channelParameters("batchNormTraining", x, options);
  const { output, statistics } = batchNormalize(x.value, scale, shift, epsilon);
  const unbiased = multiply(statistics.variance, correction(x.value));
  const move = (old: Tensor, batch: Value, name: string): Tensor<readonly [S[1]], D> => {
    checkParameter(`batchNormTraining: the running ${name}`, old.value, scale.shape);
    const step = multiply(subtract(batch, old.value), momentum);
    return new Tensor(stopGradient(add(old.value, step)));
  };
  return {
    output: new Tensor(output),
    running: {
      mean: move(running.mean, statistics.mean, "mean"),
      variance: move(running.variance, unbiased, "variance"),
    },
  };
}

/** n / (n - 1) for the number of elements of each channel. */
function correction(x: Value): Operand {
  const { shape } = x;
  const axes = shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const count = countOver(x, axes);
  if (typeof count !== "number") return divide(count, subtract(count, 1));
  if (count < 2)
    throw new GraphError(`batchNormTraining: ${showShape(shape)} has one element in each channel`);
  return count / (count - 1);
}

function channelParameters(
  what: string,
  x: Tensor,
  { weight, bias }: { readonly weight?: Tensor | undefined; readonly bias?: Tensor | undefined },
): { readonly scale: Value; readonly shift: Value } {
  const channels = x.value.shape[1];
  if (channels === undefined) throw new GraphError(`${what}: ${showShape(x.value.shape)} has no channels`);
  const shape = [channels];
  checkParameter(`${what}: the weight`, weight?.value, shape);
  checkParameter(`${what}: the bias`, bias?.value, shape);
  return {
    scale: weight?.value ?? filled(x.value, 1, shape),
    shift: bias?.value ?? filled(x.value, 0, shape),
  };
}

/** One number in a shape whose named sizes are those of a value. */
function filled(like: Value, number: number, shape: Shape): Value {
  const types = [{ dtype: like.dtype, shape }];
  return apply(
    "Expand",
    [scalar(like.dtype, number), shapeVector("a normalisation", shape, [like])],
    {},
    { types },
  );
}

/**
 * Normalises each example over its last axes, as many as `sizes` has, then `· weight + bias` of these sizes (Ba et al.,
 * "Layer Normalization", 2016; ONNX operator specification, LayerNormalization).
 * @throws {@link GraphError} when the last axes have other sizes
 */
export function layerNorm<S extends Shape, D extends DType, const Sizes extends Shape>(
  x: Tensor<S, D>,
  sizes: Sizes,
  options: AffineOptions<NoInfer<Sizes>, NoInfer<D>> = {},
): Tensor<S, D> {
  const { shape } = x.value;
  const axis = shape.length - sizes.length;
  if (sizes.length === 0 || axis < 0 || sizes.some((size, index) => size !== shape[axis + index]))
    throw new GraphError(`layerNorm: ${showShape(shape)} does not end in ${showShape(sizes)}`);
  const { weight, bias, epsilon = defaultEpsilon } = options;
  const scale = weight?.value ?? filled(x.value, 1, sizes);
  return new Tensor(layerNormalize(x.value, scale, bias?.value, axis, epsilon).output);
}

/**
 * Normalises each of so many groups of channels of each example of `[batch, channels, ...]`, then for each channel
 * `· weight + bias` (Wu and He, "Group Normalization", 2018).
 * @throws {@link GraphError} when the channels do not divide into the groups
 */
export function groupNorm<S extends readonly [Dimension, Dimension, ...Dimension[]], D extends DType>(
  x: Tensor<S, D>,
  groups: number,
  options: AffineOptions<readonly [NoInfer<S>[1]], NoInfer<D>> = {},
): Tensor<S, D> {
  const { weight, bias, epsilon = defaultEpsilon } = options;
  const shape = x.value.shape.slice(1, 2);
  checkParameter("groupNorm: the weight", weight?.value, shape);
  checkParameter("groupNorm: the bias", bias?.value, shape);
  return new Tensor(groupNormalize(x.value, groups, weight?.value, bias?.value, epsilon));
}

/**
 * Normalises each channel of each example of `[batch, channels, ...]`, then for each channel `· weight + bias` (Ulyanov
 * et al., "Instance Normalization", 2016).
 * @throws {@link GraphError} when a parameter has not one element for each channel
 */
export function instanceNorm<S extends readonly [Dimension, Dimension, ...Dimension[]], D extends DType>(
  x: Tensor<S, D>,
  options: AffineOptions<readonly [NoInfer<S>[1]], NoInfer<D>> = {},
): Tensor<S, D> {
  const { weight, bias, epsilon = defaultEpsilon } = options;
  const [, channels = 0] = x.value.shape;
  if (typeof channels !== "number")
    throw new GraphError("instanceNorm: the number of channels must be known");
  checkParameter("instanceNorm: the weight", weight?.value, [channels]);
  checkParameter("instanceNorm: the bias", bias?.value, [channels]);
  return new Tensor(groupNormalize(x.value, channels, weight?.value, bias?.value, epsilon));
}

/** Settings of {@link rmsNorm}. */
export interface RmsNormOptions<S extends Shape, D extends DType> {
  readonly weight?: Tensor<S, D> | undefined;
  /** Added to the mean square; that of float32's precision, 2⁻²³, where absent. */
  readonly epsilon?: number;
}

/**
 * Divides the elements of the last axis by `√(mean x² + ε)`, then `· weight` (Zhang and Sennrich, "Root Mean Square Layer
 * Normalization", 2019).
 * @throws {@link GraphError} when the weight has not one element for each of the last axis
 */
export function rmsNorm<S extends readonly [...Dimension[], Dimension], D extends DType>(
  x: Tensor<S, D>,
  options: RmsNormOptions<Shape, NoInfer<D>> = {},
): Tensor<S, D> {
  const { weight, epsilon = 2 ** -23 } = options;
  checkParameter("rmsNorm: the weight", weight?.value, x.value.shape.slice(-1));
  return new Tensor(rmsNormalize(x.value, weight?.value, epsilon));
}

/**
 * @file Normalisations of values: by statistics over some axes, elements become of mean 0 and variance 1.
 *
 * Their gradients follow one formula (Ioffe and Szegedy, "Batch Normalization", 2015, section 3): with x̂ the normalised
 * elements and g their gradient, `(g - mean g - x̂ · mean(g x̂)) / deviation`, the means over the same axes.
 */
import { GraphError } from "../errors.ts";
import { sameShape, showShape, type Shape } from "../shape.ts";
import { scalar, withGradient, type Value } from "../value.ts";
import { apply, applyAll } from "./apply.ts";
import { countOver } from "./count.ts";
import { add, divide, multiply, negate, sqrt, square, subtract } from "./elementwise.ts";
import { mean, sum } from "./reduce.ts";
import { broadcastTo, reshape, sizeOf } from "./shape-ops.ts";

/** Mean and biased variance of each channel over a batch `[batch, channels, ...]`: both `[channels]`. */
export interface ChannelStatistics {
  readonly mean: Value;
  readonly variance: Value;
}

/** All axes but that of the channels. */
function besideChannels({ shape }: Value): number[] {
  return shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

/** A vector of channels as it broadcasts against `[batch, channels, ...]`. */
export function alongChannels(vector: Value, like: Value): Value {
  return reshape(
    vector,
    like.shape.slice(1).map((size, axis) => (axis === 0 ? size : 1)),
    [like],
  );
}

/** The statistics of the channels of `[batch, channels, ...]`, through which gradients flow. */
function channelStatistics(x: Value): ChannelStatistics {
  const axes = besideChannels(x);
  const average = mean(x, { axes });
  const variance = mean(square(subtract(x, alongChannels(average, x))), { axes });
  return { mean: average, variance };
}

/**
 * `(x - mean) / √(variance + epsilon) · scale + shift` for each channel of `[batch, channels, ...]`, all parameters
 * `[channels]` (ONNX operator specification, BatchNormalization).
 */
export function normalizeChannels(
  x: Value,
  scale: Value,
  shift: Value,
  { mean, variance }: ChannelStatistics,
  epsilon: number,
): Value {
  const types = [{ dtype: x.dtype, shape: x.shape }];
  const inputs = [x, scale, shift, mean, variance];
  return apply("BatchNormalization", inputs, { epsilon: { float: epsilon } }, { types });
}

/**
 * {@link normalizeChannels} by the statistics of the batch itself (Ioffe and Szegedy, "Batch Normalization", 2015,
 * algorithm 1).
 */
export function batchNormalize(
  x: Value,
  scale: Value,
  shift: Value,
  epsilon: number,
): { readonly output: Value; readonly statistics: ChannelStatistics } {
  const statistics = channelStatistics(x);
  const output = normalizeChannels(x, scale, shift, statistics, epsilon);
  const axes = besideChannels(x);
  const withRule = withGradient(output, [x, scale, shift], (gradient) => {
    const deviation = sqrt(add(statistics.variance, epsilon));
    const centred = subtract(x, alongChannels(statistics.mean, x));
    const ofShift = sum(gradient, { axes });
    const ofScale = divide(sum(multiply(gradient, centred), { axes }), deviation);
    // Two terms, each by one factor for a channel: g and, with what is the same for a channel, x̂.
    const slope = divide(scale, deviation);
    const part = divide(slope, countOver(x, axes));
    const along = negate(multiply(part, ofScale));
    const rest = normalizeChannels(x, along, negate(multiply(part, ofShift)), statistics, epsilon);
    return [add(multiply(gradient, alongChannels(slope, x)), rest), ofScale, ofShift];
  });
  return { output: withRule, statistics };
}

/** What a layer's normalisation gives: the result, and mean and inverse deviation with the normalised axes of size 1. */
export interface LayerNormalized {
  readonly output: Value;
  readonly mean: Value;
  readonly inverse: Value;
}

/**
 * Normalises the elements from an axis on, then `· scale + shift`, which have the shape of those axes (Ba et al., "Layer
 * Normalization", 2016; ONNX operator specification, LayerNormalization).
 */
export function layerNormalize(
  x: Value,
  scale: Value,
  shift: Value | undefined,
  axis: number,
  epsilon: number,
): LayerNormalized {
  const [output, average, inverse] = applyAll(
    "LayerNormalization",
    shift ? [x, scale, shift] : [x, scale],
    { axis: { int: axis }, epsilon: { float: epsilon } },
    { outputCount: 3 },
  );
  if (!output || !average || !inverse) throw new GraphError("LayerNormalization has too few outputs");
  return { output, mean: average, inverse };
}

/** The gradient of elements that were normalised, from that of the normalised ones. */
export function normalizedGradient(
  normal: Value,
  gradient: Value,
  inverse: Value,
  axes: readonly number[],
): Value {
  const over = { axes, keepAxes: true };
  const along = multiply(normal, mean(multiply(gradient, normal), over));
  return multiply(subtract(subtract(gradient, mean(gradient, over)), along), inverse);
}

/**
 * Normalises each of so many groups of channels of each example of `[batch, channels, ...]`, then for each channel
 * `· scale + shift`, both `[channels]` (Wu and He, "Group Normalization", 2018).
 * @throws {@link GraphError} when the channels do not divide into the groups
 */
export function groupNormalize(
  x: Value,
  groups: number,
  scale: Value | undefined,
  shift: Value | undefined,
  epsilon: number,
): Value {
  const [batch = 1, channels] = x.shape;
  if (typeof channels !== "number" || channels % groups !== 0)
    throw new GraphError(
      `groupNorm: ${showShape(x.shape)} does not divide into ${groups} groups of channels`,
    );
  const rows = reshape(x, [batch, groups, -1]);
  const width = rows.shape[2] ?? 1;
  const types = [{ dtype: x.dtype, shape: [width] }];
  const ones = apply("Expand", [scalar(x.dtype, 1), sizeOf(rows, 2)], {}, { types });
  const { output, inverse } = layerNormalize(rows, ones, undefined, 2, epsilon);
  const normal = reshape(output, x.shape, [x]);
  const scaled = scale ? multiply(normal, alongChannels(scale, x)) : normal;
  const shifted = shift ? add(scaled, alongChannels(shift, x)) : scaled;
  const inputs = [x, ...(scale ? [scale] : []), ...(shift ? [shift] : [])];
  return withGradient(shifted, inputs, (gradient) => {
    // Sums over each channel serve the parameters, and weighed by them the groups.
    const axes = x.shape.flatMap((_, axis) => (axis < 2 ? [] : [axis]));
    const [sums, products] = [gradient, multiply(gradient, normal)].map((each) => sum(each, { axes }));
    if (!sums || !products) throw new GraphError("groupNorm: there is no gradient");
    const perGroup = [batch, groups, channels / groups];
    const overGroup = (each: Value): Value => {
      const weighed = reshape(scale ? multiply(each, scale) : each, perGroup, [x]);
      const total = sum(weighed, { axes: 2, keepAxes: true });
      return divide(multiply(total, inverse), countOver(rows, [2]));
    };
    const spread = (each: Value): Value => {
      const all = broadcastTo(each, perGroup, [x]);
      return reshape(all, [batch, channels, ...axes.map(() => 1)], [x]);
    };
    const slope = reshape(scale ?? broadcastTo(scalar(x.dtype, 1), [channels]), perGroup.slice(1));
    const own = multiply(gradient, spread(multiply(slope, inverse)));
    const along = multiply(normal, spread(overGroup(products)));
    return [
      subtract(subtract(own, along), spread(overGroup(sums))),
      ...(scale ? [sum(products, { axes: 0 })] : []),
      ...(shift ? [sum(sums, { axes: 0 })] : []),
    ];
  });
}

/**
 * Divides the elements of the last axis by their root mean square, then `· scale` (Zhang and Sennrich, "Root Mean Square
 * Layer Normalization", 2019).
 */
export function rmsNormalize(x: Value, scale: Value | undefined, epsilon: number): Value {
  const over = { axes: -1, keepAxes: true };
  const size = sqrt(add(mean(square(x), over), epsilon));
  const normal = divide(x, size);
  const withRule = withGradient(normal, [x], (gradient) => [
    divide(subtract(gradient, multiply(normal, mean(multiply(gradient, normal), over))), size),
  ]);
  return scale ? multiply(withRule, scale) : withRule;
}

/**
 * Checks that a parameter has the shape that a normalisation needs.
 * @throws {@link GraphError} when it has not
 */
export function checkParameter(what: string, parameter: Value | undefined, shape: Shape): void {
  if (parameter && !sameShape(parameter.shape, shape))
    throw new GraphError(`${what} has the shape ${showShape(parameter.shape)}, not ${showShape(shape)}`);
}

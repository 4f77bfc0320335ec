/** @file Convolutions of values, batch and channels first: `[batch, channels, ...spatial]`. */
import { GraphError } from "../errors.ts";
import { knownSizes, showShape } from "../shape.ts";
import type { Value } from "../value.ts";
import { apply } from "./apply.ts";
import { gemm } from "./matmul.ts";
import { concat, pad, reshape, slice, transpose } from "./shape-ops.ts";
import { extent, positionsIn, windowAttributes, type Windows } from "./windows.ts";

/** A convolution's windows and groups of channels that don't see one another. */
export interface Convolution extends Windows {
  readonly groups: number;
}

/**
 * The cross-correlation of `x [batch, in, ...]` with `weight [out, in / groups, ...kernel]`, plus `bias [out]`: what
 * machine learning calls convolution (ONNX operator specification, Conv).
 */
export function convolve(x: Value, weight: Value, bias: Value | undefined, convolution: Convolution): Value {
  return apply("Conv", bias ? [x, weight, bias] : [x, weight], attributesOf(convolution));
}

/**
 * The transpose of {@link convolve} as a linear map: `x [batch, in, ...]` by `weight [in, out / groups, ...kernel]`
 * (ONNX operator specification, ConvTranspose). `further` elements are computed at the end of each axis, which
 * convolving would leave out.
 */
export function convolveTransposed(
  x: Value,
  weight: Value,
  bias: Value | undefined,
  convolution: Convolution,
  further: readonly number[] = [],
): Value {
  return apply("ConvTranspose", bias ? [x, weight, bias] : [x, weight], {
    ...attributesOf(convolution),
    ...(further.some((count) => count !== 0) && { output_padding: { ints: further } }),
  });
}

function attributesOf(convolution: Convolution): ReturnType<typeof windowAttributes> {
  const { groups } = convolution;
  return { ...windowAttributes(convolution), ...(groups !== 1 && { group: { int: groups } }) };
}

/** From this number of channels on, one product of matrices for each element of the kernel is the faster form. */
const channelsForProducts = 8;

/**
 * The gradient of a convolution's weight `[out, in / groups, ...kernel]`, from its input and its output's gradient: for
 * each element of the kernel, the product of what it saw with the gradient there, summed over the batch.
 */
export function weightGradient(x: Value, gradient: Value, convolution: Convolution): Value {
  const channels = x.shape[1];
  const counts = knownSizes(gradient.shape.slice(2));
  const taps = convolution.kernel.reduce((product, size) => product * size, 1);
  const isWide = typeof channels === "number" && channels >= channelsForProducts;
  return convolution.groups === 1 && isWide && counts && taps <= 64
    ? byProducts(x, gradient, convolution, counts)
    : byConvolution(x, gradient, convolution);
}

/** Channels before the batch. */
function channelsFirst(x: Value): Value {
  return transpose(x, [1, 0, ...x.shape.slice(2).map((_, axis) => axis + 2)]);
}

function byProducts(x: Value, gradient: Value, convolution: Convolution, counts: readonly number[]): Value {
  const { kernel, before, after, strides, dilations } = convolution;
  const [channels = 1] = [x.shape[1]];
  const [out = 1] = [gradient.shape[1]];
  const padded = pad(channelsFirst(x), [0, 0, ...before], [0, 0, ...after]);
  const slopes = reshape(channelsFirst(gradient), [out, -1]);
  const products = positionsIn(kernel).map((position) => {
    const seen = slice(
      padded,
      counts.map((count, axis) => {
        const start = (position[axis] ?? 0) * (dilations[axis] ?? 1);
        const step = strides[axis] ?? 1;
        return { axis: axis + 2, start, end: start + (count - 1) * step + 1, step };
      }),
    );
    return gemm(reshape(seen, [channels, -1]), slopes, undefined, { transposeB: true });
  });
  const joined = reshape(concat(products, 0), [...kernel, channels, out]);
  const rank = kernel.length;
  return transpose(joined, [rank + 1, rank, ...kernel.map((_, axis) => axis)]);
}

/** As a convolution over the batch: channels are the batch, the gradient is the kernel, strides and dilations change places. */
function byConvolution(x: Value, gradient: Value, convolution: Convolution): Value {
  const { kernel, before, after, strides, dilations, groups } = convolution;
  const image = groups === 1 ? channelsFirst(x) : groupsIntoChannels(x, groups);
  const found = convolve(image, channelsFirst(gradient), undefined, {
    kernel: knownSizes(gradient.shape.slice(2)) ?? noSizes(gradient),
    strides: dilations,
    dilations: strides,
    before,
    after,
    groups,
  });
  // Where the stride does not divide the image, the kernel could move on.
  const beyond = kernel.flatMap((size, axis) =>
    found.shape[axis + 2] === size ? [] : [{ axis: axis + 2, start: 0, end: size }],
  );
  return channelsFirst(slice(found, beyond));
}

function noSizes({ shape }: Value): never {
  throw new GraphError(`the gradient of a convolution's weight needs known sizes, not ${showShape(shape)}`);
}

/** `[batch, groups · channels, ...]` as `[channels, groups · batch, ...]`. */
function groupsIntoChannels(x: Value, groups: number): Value {
  const [batch = 1, channels, ...sizes] = x.shape;
  if (typeof channels !== "number") throw new GraphError("a convolution by groups needs known channels");
  const apart = reshape(x, [batch, groups, channels / groups, ...sizes]);
  const turned = transpose(apart, [2, 1, 0, ...sizes.map((_, axis) => axis + 3)]);
  return reshape(turned, [channels / groups, typeof batch === "number" ? groups * batch : -1, ...sizes]);
}

/**
 * The gradient of a convolution's input, of the sizes given: the transposed convolution of the output's gradient.
 * @throws {@link GraphError} where a stride is larger than 1 and sizes are not known
 */
export function inputGradient(x: Value, weight: Value, gradient: Value, convolution: Convolution): Value {
  const { strides, before, after } = convolution;
  const further = strides.map((stride, axis) => {
    const size = x.shape[axis + 2];
    if (stride === 1) return 0;
    if (typeof size !== "number")
      throw new GraphError("the gradient of a convolution with a stride needs known sizes");
    return (size + (before[axis] ?? 0) + (after[axis] ?? 0) - extent(convolution, axis)) % stride;
  });
  return convolveTransposed(gradient, weight, undefined, convolution, further);
}

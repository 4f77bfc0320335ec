/** @file Convolutions of values, batch and channels first: `[batch, channels, ...spatial]`. */
import { GraphError } from "../errors.ts";
import { knownSizes, showShape, type Dimension } from "../shape.ts";
import type { Value } from "../value.ts";
import { apply } from "./apply.ts";
import { gemm } from "./matmul.ts";
import { sum } from "./reduce.ts";
import { concat, pad, reshape, slice, split, transpose, unsqueeze } from "./shape-ops.ts";
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
  const { groups, kernel } = convolution;
  // Along three axes ONNX Runtime's WebGPU provider has no groups.
  if (kernel.length === 3 && groups > 1 && typeof weight.shape[0] === "number") {
    const parts = (value: Value, axis: number): readonly Value[] => {
      const size = Number(value.shape[axis]) / groups;
      return split(value, Array<number>(groups).fill(size), axis);
    };
    const [images, weights, biases] = [parts(x, 1), parts(weight, 0), bias && parts(bias, 0)];
    const results = images.map((image, group) =>
      convolve(image, weights[group] ?? weight, biases?.[group], { ...convolution, groups: 1 }),
    );
    return concat(results, 1);
  }
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
  // Along three axes ONNX Runtime's WebGPU provider has the operator in name only.
  if (convolution.kernel.length === 3 && knownSizes([...x.shape.slice(1), ...weight.shape]))
    return byPlainConvolution(x, weight, bias, convolution, further);
  return apply("ConvTranspose", bias ? [x, weight, bias] : [x, weight], {
    ...attributesOf(convolution),
    ...(further.some((count) => count !== 0) && { output_padding: { ints: further } }),
  });
}

/**
 * The transposed convolution as a plain one: of the input with zeros between its elements, by the weight turned around
 * along its spatial axes, with input and output channels swapped in each group.
 */
function byPlainConvolution(
  x: Value,
  weight: Value,
  bias: Value | undefined,
  convolution: Convolution,
  further: readonly number[],
): Value {
  const { kernel, strides, dilations, before, after, groups } = convolution;
  const ones = kernel.map(() => 1);
  const spread = kernel.reduce((each, _, axis) => spreadOut(each, axis + 2, strides[axis] ?? 1), x);
  const reach = kernel.map((_, axis) => extent(convolution, axis) - 1);
  const start = reach.map((size, axis) => size - (before[axis] ?? 0));
  const end = reach.map((size, axis) => size - (after[axis] ?? 0) + (further[axis] ?? 0));
  const added = pad(spread, [0, 0, ...start.map(positive)], [0, 0, ...end.map(positive)]);
  const image = slice(
    added,
    kernel.flatMap((_, axis) => {
      const [from, to] = [positive(-(start[axis] ?? 0)), positive(-(end[axis] ?? 0))];
      const size = Number(added.shape[axis + 2]);
      return from + to === 0 ? [] : [{ axis: axis + 2, start: from, end: size - to }];
    }),
  );
  const [channels = 1, out = 1] = weight.shape.map(Number);
  const turned = slice(
    weight,
    kernel.map((size, axis) => ({ axis: axis + 2, start: size - 1, end: -size - 1, step: -1 })),
  );
  const apart = reshape(turned, [groups, channels / groups, out, ...kernel]);
  const swapped = transpose(apart, [0, 2, 1, ...kernel.map((_, axis) => axis + 3)]);
  const kernels = reshape(swapped, [groups * out, channels / groups, ...kernel]);
  const none = kernel.map(() => 0);
  return convolve(image, kernels, bias, {
    kernel,
    strides: ones,
    dilations,
    before: none,
    after: none,
    groups,
  });
}

const positive = (count: number): number => Math.max(0, count);

/** An axis with `stride - 1` zeros after each element but the last. */
function spreadOut(x: Value, axis: number, stride: number): Value {
  const size = Number(x.shape[axis]);
  if (stride === 1) return x;
  const none = [...x.shape.map(() => 0), 0];
  const apart = pad(unsqueeze(x, axis + 1), none, none.with(axis + 1, stride - 1));
  const joined = reshape(apart, [...x.shape.slice(0, axis), size * stride, ...x.shape.slice(axis + 1)], [x]);
  return slice(joined, [{ axis, start: 0, end: (size - 1) * stride + 1 }]);
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
  const [batch, channels] = x.shape;
  const counts = knownSizes(gradient.shape.slice(2));
  if (!counts)
    throw new GraphError(
      `the gradient of a convolution's weight needs known sizes, not ${showShape(gradient.shape)}`,
    );
  if (convolution.groups === 1) {
    const taps = convolution.kernel.reduce((product, size) => product * size, 1);
    if (typeof channels === "number" && channels >= channelsForProducts && taps <= 64)
      return byProducts(x, gradient, convolution, counts);
    if (typeof batch === "number" && convolution.kernel.length < 3)
      return byExamples(x, gradient, convolution, counts, batch);
  }
  return byConvolution(x, gradient, convolution, counts);
}

/** Channels before the batch. */
function channelsFirst(x: Value): Value {
  return transpose(x, [1, 0, ...x.shape.slice(2).map((_, axis) => axis + 2)]);
}

/**
 * On the CPU one long product for each element of the kernel. `ml/graph/runtime/webgpu-products.ts` and
 * `weight-gradients.ts` know this form, and compute it as devices and processors do it best.
 */
function byProducts(x: Value, gradient: Value, convolution: Convolution, counts: readonly number[]): Value {
  const { kernel, before, after, strides, dilations } = convolution;
  const positions = counts.reduce((product, count) => product * count, 1);
  const [channels = 1] = [x.shape[1]];
  const [out = 1] = [gradient.shape[1]];
  const padded = pad(channelsFirst(x), [0, 0, ...before], [0, 0, ...after]);
  // By examples first: what is summed over stays visible.
  const flat = (value: Value, rows: Dimension): Value =>
    reshape(reshape(value, [rows, -1, positions]), [rows, -1]);
  const slopes = flat(channelsFirst(gradient), out);
  const products = positionsIn(kernel).map((position) => {
    const seen = slice(
      padded,
      counts.map((count, axis) => {
        const start = (position[axis] ?? 0) * (dilations[axis] ?? 1);
        const step = strides[axis] ?? 1;
        return { axis: axis + 2, start, end: start + (count - 1) * step + 1, step };
      }),
    );
    return gemm(flat(seen, channels), slopes, undefined, { transposeB: true });
  });
  const joined = reshape(concat(products, 0), [...kernel, channels, out]);
  const rank = kernel.length;
  return transpose(joined, [rank + 1, rank, ...kernel.map((_, axis) => axis)]);
}

/**
 * A convolution whose kernel is the gradient, so that strides and dilations change places. Where the stride does not divide
 * the image, that kernel could move on: what it would see then is cut off.
 */
function convolveByGradient(
  image: Value,
  gradient: Value,
  { kernel, before, after, strides, dilations }: Convolution,
  counts: readonly number[],
  groups: number,
): Value {
  const windows = { kernel: counts, strides: dilations, dilations: strides, before, after };
  const found = convolve(image, gradient, undefined, { ...windows, groups });
  const beyond = kernel.flatMap((size, axis) =>
    found.shape[axis + 2] === size ? [] : [{ axis: axis + 2, start: 0, end: size }],
  );
  return slice(found, beyond);
}

/** Each example by itself, as groups of one convolution: what one example needs stays in the cache. */
function byExamples(
  x: Value,
  gradient: Value,
  convolution: Convolution,
  counts: readonly number[],
  batch: number,
): Value {
  const [channels = 1] = [x.shape[1]];
  const [out = 1] = [gradient.shape[1]];
  const kernels = reshape(gradient, [typeof out === "number" ? batch * out : -1, 1, ...counts]);
  const found = convolveByGradient(channelsFirst(x), kernels, convolution, counts, batch);
  const apart = reshape(found, [channels, batch, out, ...convolution.kernel]);
  return channelsFirst(sum(apart, { axes: 1 }));
}

/** The whole batch at once: channels are the batch, and examples the channels. */
function byConvolution(
  x: Value,
  gradient: Value,
  convolution: Convolution,
  counts: readonly number[],
): Value {
  const { groups } = convolution;
  const image = groups === 1 ? channelsFirst(x) : groupsIntoChannels(x, groups);
  return channelsFirst(convolveByGradient(image, channelsFirst(gradient), convolution, counts, groups));
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

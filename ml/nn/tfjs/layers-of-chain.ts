/**
 * @file A chain of ONNX nodes as layers of TensorFlow.js, whose channels come last.
 *
 * Images are turned around once, by whoever feeds the model; where they become vectors, a Permute layer keeps the order
 * of elements that the weights behind it expect.
 */
import { ModelImportError } from "../../graph/errors.ts";
import { floatAttribute, intAttribute, intsAttribute } from "../../graph/ops/attributes.ts";
import { strides } from "../../graph/shape.ts";
import { windowsOf, type Windows } from "../../graph/ops/windows.ts";
import type { Chain, Link } from "./chain.ts";

/** A weight as TensorFlow.js stores it. */
export interface SavedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A layer as TensorFlow.js' topology has it, with its weights. */
export interface SavedLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: readonly SavedWeight[];
}

type Convert = (link: Link, state: ChainState) => void;

/** What is known where a node stands. */
class ChainState {
  readonly layers: SavedLayer[] = [];
  readonly #counts = new Map<string, number>();
  /** How many axes there are, the batch's included. */
  rank: number;

  constructor(rank: number) {
    this.rank = rank;
  }

  add(
    kind: string,
    config: Readonly<Record<string, unknown>>,
    weights: Readonly<Record<string, Omit<SavedWeight, "name">>> = {},
  ): void {
    const word = kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
    const count = (this.#counts.get(word) ?? 0) + 1;
    this.#counts.set(word, count);
    const name = `${word}_${count}`;
    this.layers.push({
      class_name: kind,
      config: { name, trainable: true, ...config },
      weights: Object.entries(weights).map(([last, { shape, data }]) => ({
        name: `${name}/${last}`,
        shape,
        data,
      })),
    });
  }
}

/**
 * The layers that a chain stands for.
 * @throws {@link ModelImportError} where a node has no layer that computes the same
 */
export function layersOf({ links, input }: Chain): readonly SavedLayer[] {
  const state = new ChainState(input.shape?.length ?? 0);
  for (const link of links) {
    const convert = converters[link.node.operator];
    if (!convert || link.node.domain !== "") throw refuse(link, "no layer of TensorFlow.js computes it");
    convert(link, state);
  }
  return state.layers;
}

function refuse({ node }: Link, why: string): ModelImportError {
  return new ModelImportError(`${node.operator}: ${why}`);
}

/** A constant of floating numbers. */
function weightOf(link: Link, index: number): Omit<SavedWeight, "name"> {
  const tensor = link.constants.get(index);
  if (tensor?.dtype !== "float32")
    throw refuse(link, `its input number ${index + 1} must be a float32 constant`);
  return { shape: tensor.shape, data: tensor.data };
}

/** A tensor with its axes in another order. */
function permuted(
  { shape, data }: Omit<SavedWeight, "name">,
  order: readonly number[],
): Omit<SavedWeight, "name"> {
  const from = strides(shape);
  const moved = order.map((axis) => shape[axis] ?? 1);
  const to = strides(moved);
  const place = (index: number): number =>
    order.reduce(
      (sum, axis, at) => sum + (Math.floor(index / (to[at] ?? 1)) % (moved[at] ?? 1)) * (from[axis] ?? 1),
      0,
    );
  return { shape: moved, data: Float32Array.from(data, (_, index) => data[place(index)] ?? 0) };
}

const converters: Readonly<Record<string, Convert>> = {
  Identity: () => undefined,
  Gemm: (link, state) => {
    const attributes = link.attributes;
    const isPlain = ["alpha", "beta"].every((name) => floatAttribute(attributes, name, 1) === 1);
    if (!isPlain || intAttribute(attributes, "transA", 0) === 1 || !link.constants.has(1))
      throw refuse(link, "it is no product with a weight");
    const weight = weightOf(link, 1);
    const kernel = intAttribute(attributes, "transB", 0) === 1 ? permuted(weight, [1, 0]) : weight;
    dense(state, kernel, link.constants.has(2) ? weightOf(link, 2) : undefined);
  },
  MatMul: (link, state) => {
    if (!link.constants.has(1) || state.rank !== 2)
      throw refuse(link, "it is no product of vectors with a weight");
    dense(state, weightOf(link, 1), undefined);
  },
  Add: (link, state) => {
    const before = state.layers.at(-1);
    const bias = weightOf(link, link.constants.has(0) ? 0 : 1);
    if (before?.class_name !== "Dense" || before.config["use_bias"] === true || bias.shape.length !== 1)
      throw refuse(link, "it is no bias of a product");
    const name = `${String(before.config["name"])}/bias`;
    state.layers.splice(-1, 1, {
      ...before,
      config: { ...before.config, use_bias: true },
      weights: [...before.weights, { name, ...bias }],
    });
  },
  Conv: convolution,
  MaxPool: (link, state) => pooling(link, state, "MaxPooling"),
  AveragePool: (link, state) => pooling(link, state, "AveragePooling"),
  BatchNormalization: (link, state) => {
    const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((index) => weightOf(link, index));
    if (!gamma || !beta || !mean || !variance) throw refuse(link, "it needs its statistics");
    const epsilon = floatAttribute(link.attributes, "epsilon", 1e-5);
    const weights = { gamma, beta, moving_mean: mean, moving_variance: variance };
    state.add(
      "BatchNormalization",
      { axis: -1, epsilon, momentum: 0.99, center: true, scale: true },
      weights,
    );
  },
  LayerNormalization: (link, state) => {
    const attributes = link.attributes;
    const axis = intAttribute(attributes, "axis", -1);
    if (state.rank !== 2 || (axis !== -1 && axis !== 1)) throw refuse(link, "only vectors can be normalised");
    const weights = { gamma: weightOf(link, 1), ...(link.constants.has(2) && { beta: weightOf(link, 2) }) };
    const epsilon = floatAttribute(attributes, "epsilon", 1e-5);
    state.add(
      "LayerNormalization",
      { axis: [-1], epsilon, scale: true, center: link.constants.has(2) },
      weights,
    );
  },
  Flatten: (link, state) => {
    if (intAttribute(link.attributes, "axis", 1) !== 1) throw refuse(link, "it must keep the batch's axis");
    flatten(state);
  },
  Reshape: (link, state) => {
    const target = link.constants.get(1);
    if (target?.dtype !== "int64" || target.data.length !== 2)
      throw refuse(link, "only vectors can be made of images");
    flatten(state);
  },
  GlobalAveragePool: (_, state) => global(state, "GlobalAveragePooling"),
  GlobalMaxPool: (_, state) => global(state, "GlobalMaxPooling"),
  ReduceMean: (link, state) => reduced(link, state, "GlobalAveragePooling"),
  ReduceMax: (link, state) => reduced(link, state, "GlobalMaxPooling"),
  Softmax: (link, state) => {
    const axis = intAttribute(link.attributes, "axis", -1);
    if (state.rank !== 2 || (axis !== -1 && axis !== 1))
      throw refuse(link, "it must be over the last axis of vectors");
    state.add("Activation", { activation: "softmax" });
  },
  LeakyRelu: (link, state) =>
    state.add("LeakyReLU", { alpha: floatAttribute(link.attributes, "alpha", 0.01) }),
  ...Object.fromEntries(
    ["Relu", "Sigmoid", "Tanh", "Softplus", "Softsign"].map((operator): [string, Convert] => [
      operator,
      (_, state) => state.add("Activation", { activation: operator.toLowerCase() }),
    ]),
  ),
  Elu: (link, state) => {
    if (floatAttribute(link.attributes, "alpha", 1) !== 1) throw refuse(link, "its alpha must be 1");
    state.add("Activation", { activation: "elu" });
  },
};

function dense(
  state: ChainState,
  kernel: Omit<SavedWeight, "name">,
  bias: Omit<SavedWeight, "name"> | undefined,
): void {
  const config = { units: kernel.shape[1], activation: "linear", use_bias: bias !== undefined };
  state.add("Dense", config, { kernel, ...(bias && { bias: { ...bias, shape: [bias.data.length] } }) });
}

function flatten(state: ChainState): void {
  if (state.rank === 2) return;
  // Channels come first again, as the weights behind have them.
  state.add("Permute", {
    dims: [state.rank - 1, ...Array.from({ length: state.rank - 2 }, (_, axis) => axis + 1)],
  });
  state.add("Flatten", {});
  state.rank = 2;
}

/** Pools whole channels. Where their axes stay, with size 1, what follows flattens them: that does nothing to vectors. */
function global(state: ChainState, kind: string): void {
  state.add(`${kind}${state.rank - 2}D`, {});
  state.rank = 2;
}

function reduced(link: Link, state: ChainState, kind: string): void {
  const axes = (intsAttribute(link.attributes, "axes") ?? []).map((axis) =>
    axis < 0 ? axis + state.rank : axis,
  );
  const isSpatial = axes.length === state.rank - 2 && axes.every((axis) => axis >= 2);
  if (!isSpatial || state.rank < 3) throw refuse(link, "only all spatial axes can be reduced");
  global(state, kind);
}

function convolution(link: Link, state: ChainState): void {
  const attributes = link.attributes;
  const weight = weightOf(link, 1);
  const [out = 1, perGroup = 1, ...kernel] = weight.shape;
  const axes = kernel.length;
  const groups = intAttribute(attributes, "group", 1);
  if (axes > 2 || axes !== state.rank - 2)
    throw refuse(link, "only convolutions over one or two axes are layers");
  const windows = windowsOf(
    "a convolution",
    attributes,
    kernel.map(() => "size"),
    kernel,
  );
  const padding = padded(link, state, windows, axes);
  const config = {
    kernel_size: kernel,
    strides: windows.strides,
    dilation_rate: windows.dilations,
    padding,
    data_format: "channels_last",
    activation: "linear",
    use_bias: link.constants.has(2),
  };
  const bias = link.constants.has(2) ? { bias: weightOf(link, 2) } : {};
  const window = kernel.map((_, axis) => axis + 2);
  if (groups === 1) {
    state.add(
      `Conv${axes}D`,
      { ...config, filters: out },
      { kernel: permuted(weight, [...window, 1, 0]), ...bias },
    );
    return;
  }
  if (perGroup !== 1 || axes !== 2)
    throw refuse(link, "of grouped convolutions only those of single channels are layers");
  // Each channel's own filters lie side by side.
  const apart = { shape: [groups, out / groups, ...kernel], data: weight.data };
  state.add(
    "DepthwiseConv2D",
    { ...config, depth_multiplier: out / groups },
    { depthwise_kernel: permuted(apart, [2, 3, 0, 1]), ...bias },
  );
}

/** "valid", behind a layer of zeros where there is padding of a size of its own, or "same". */
function padded(
  link: Link,
  state: ChainState,
  { before, after, strides: steps, kernel, dilations }: Windows,
  axes: number,
): string {
  if ([...before, ...after].every((count) => count === 0)) return "valid";
  const isSame = kernel.every((size, axis) => {
    const total = (size - 1) * (dilations[axis] ?? 1);
    return (
      steps[axis] === 1 &&
      before[axis] === Math.floor(total / 2) &&
      after[axis] === total - Math.floor(total / 2)
    );
  });
  if (isSame) return "same";
  if (axes !== 2) throw refuse(link, "padding that differs from TensorFlow's is only known of images");
  state.add("ZeroPadding2D", {
    padding: before.map((count, axis) => [count, after[axis] ?? 0]),
    data_format: "channels_last",
  });
  return "valid";
}

function pooling(link: Link, state: ChainState, kind: string): void {
  const attributes = link.attributes;
  const axes = state.rank - 2;
  if (axes < 1 || axes > 2) throw refuse(link, "only pooling over one or two axes is a layer");
  const windows = windowsOf(
    "pooling",
    attributes,
    Array.from({ length: axes }, () => "size"),
  );
  const isPlain =
    [...windows.before, ...windows.after].every((count) => count === 0) &&
    windows.dilations.every((each) => each === 1) &&
    intAttribute(attributes, "ceil_mode", 0) === 0;
  if (!isPlain) throw refuse(link, "padding, dilation and rounding up have no layer");
  state.add(`${kind}${axes}D`, {
    pool_size: windows.kernel,
    strides: windows.strides,
    padding: "valid",
    data_format: "channels_last",
  });
}

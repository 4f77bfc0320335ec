/**
 * @file Convolutions and their gradients in ONNX Runtime's blocked layout (`blocked-layout.ts`), for training on the CPU.
 *
 * ONNX Runtime takes the layout by itself where weights are constants. In training they change, so that each convolution
 * would lay out what every element of its kernel sees, and multiply matrices. Here weights are put into blocks in the
 * program, which is nothing beside the convolution. The gradient of an input is the convolution of the output's gradient by
 * the flipped weight; that of a weight is the convolution of the input by the output's gradient, with examples for channels.
 */
import type { OnnxGraph, OnnxModel, OnnxNode } from "../onnx/model.ts";
import { blockedDomain, blockSize } from "./blocked-layout.ts";
import { finder, intOf, intsOf, NodeWriter, withoutDeadNodes, type Finder } from "./find-nodes.ts";
import { isWithoutSteps, weightGradient, type WeightGradient } from "./weight-gradients.ts";

/** With fewer elements the kernel's convolution is a plain product already. */
const fewestElements = 4;
/** The largest image by which a weight's gradient is faster as one convolution. */
const largestGradient = 14 * 14;

/** The same model with convolutions in blocks of 16 channels, where that is faster. Bodies of nodes stay as they are. */
export function withBlockedConvolutions(model: OnnxModel): OnnxModel {
  const { graph } = model;
  // Before, the axes of ReduceSum were an attribute. Blocks are of single precision.
  if ((model.opsets[""] ?? 0) < 13 || hasOtherPrecision(graph)) return model;
  const find = finder(graph);
  const initializers = [...graph.initializers];
  const fused = new Set<string>();
  const nodes = graph.nodes.flatMap((node): readonly OnnxNode[] => {
    const [result = ""] = node.outputs;
    if (fused.has(result)) return [];
    const write = new NodeWriter(result);
    const isWritten =
      writeForward(node, find, write, fused) ||
      writeInputGradient(node, find, write) ||
      writeWeightGradient(node, find, write);
    if (!isWritten) return [node];
    initializers.push(...write.initializers);
    return write.nodes;
  });
  if (initializers.length === graph.initializers.length) return model;
  return {
    ...model,
    opsets: { ...model.opsets, [blockedDomain]: 1 },
    graph: withoutDeadNodes({ ...graph, nodes, initializers }),
  };
}

/** Whether anything is computed in half or in double precision. */
function hasOtherPrecision({ inputs, nodes, initializers }: OnnxGraph): boolean {
  const isOther = (dtype: string | undefined): boolean => otherPrecisions.some(([name]) => name === dtype);
  return (
    [...inputs, ...initializers].some(({ dtype }) => isOther(dtype)) ||
    nodes.some(
      ({ operator, attributes }) =>
        operator === "Cast" && otherPrecisions.some(([, type]) => type === intOf(attributes["to"])),
    )
  );
}

/** Kinds of numbers with the numbers that ONNX has for them. */
const otherPrecisions = [
  ["float16", 10],
  ["float64", 11],
  ["bfloat16", 16],
] as const;

/** The sizes `[out, in, …kernel]` of a weight that comes from outside, of an image with two axes. */
function weightSizes(name: string, find: Finder): readonly [number, number, number, number] | undefined {
  const [out = 0, channels = 0, down = 0, across = 0, ...rest] = find.sizes(name) ?? [];
  const isEnough = out > 0 && channels > 0 && down * across >= fewestElements && rest.length === 0;
  return isEnough && out % blockSize === 0 ? [out, channels, down, across] : undefined;
}

const isWhole = (count: number): boolean => count % blockSize === 0;

function writeForward(node: OnnxNode, find: Finder, write: NodeWriter, fused: Set<string>): boolean {
  const { operator, domain, attributes, inputs, outputs } = node;
  const [image = "", weight = "", bias = ""] = inputs;
  const [result = ""] = outputs;
  if (operator !== "Conv" || domain !== "" || "auto_pad" in attributes) return false;
  if ((intOf(attributes["group"]) ?? 1) !== 1) return false;
  const sizes = weightSizes(weight, find);
  if (!sizes) return false;
  const [out, channels, down, across] = sizes;
  const inner = channels / blockSize;
  // An image of less than a block stays as it is.
  if (channels > blockSize && !isWhole(channels)) return false;
  const isBlocked = isWhole(channels);
  const blocks = isBlocked
    ? write.node("Transpose", [reshape(write, weight, [out / blockSize, blockSize, inner, blockSize, -1])], {
        attributes: { perm: { ints: [0, 2, 4, 3, 1] } },
      })
    : write.node("Transpose", [reshape(write, weight, [out / blockSize, blockSize, -1])], {
        attributes: { perm: { ints: [0, 2, 1] } },
      });
  const [next, ...others] = find.users(result);
  const isFused =
    next?.operator === "Relu" && next.domain === "" && others.length === 0 && !find.isOutput(result);
  const shown = isFused ? (next.outputs[0] ?? "") : result;
  if (isFused) fused.add(shown);
  convolve(write, {
    image: isBlocked ? reorder(write, image) : image,
    weight: reshape(write, blocks, sizes),
    bias,
    attributes: {
      ...attributes,
      kernel_shape: { ints: [down, across] },
      ...(isFused && { activation: { text: "Relu" } }),
    },
    name: node.name,
    channels: out,
    output: shown,
  });
  return true;
}

function writeInputGradient(node: OnnxNode, find: Finder, write: NodeWriter): boolean {
  const { operator, domain, attributes, inputs, outputs } = node;
  const [gradient = "", weight = "", bias = ""] = inputs;
  if (operator !== "ConvTranspose" || domain !== "" || bias !== "" || !isWithoutSteps(node)) return false;
  if ((intOf(attributes["group"]) ?? 1) !== 1 || "auto_pad" in attributes || "output_shape" in attributes)
    return false;
  if (intsOf(attributes["output_padding"]).some((each) => each !== 0)) return false;
  const sizes = weightSizes(weight, find);
  if (!sizes) return false;
  const [out, channels, down, across] = sizes;
  const whole = Math.ceil(channels / blockSize) * blockSize;
  const given = intsOf(attributes["pads"]);
  const pads = [down, across, down, across].map((size, side) => size - 1 - (given[side] ?? 0));
  // What is filled up is computed for nothing.
  if (whole > 2 * channels || pads.some((each) => each < 0)) return false;
  const last = write.integers([-1, -1]);
  const flipped = write.node("Slice", [
    weight,
    last,
    write.integers([-1 - down, -1 - across]),
    write.integers([2, 3]),
    last,
  ]);
  const filled =
    whole === channels
      ? flipped
      : write.node("Pad", [flipped, write.integers([0, 0, 0, 0, 0, whole - channels, 0, 0])]);
  const apart = [out / blockSize, blockSize, whole / blockSize, blockSize, -1];
  const blocks = write.node("Transpose", [reshape(write, filled, apart)], {
    attributes: { perm: { ints: [2, 0, 4, 1, 3] } },
  });
  convolve(write, {
    image: reorder(write, gradient),
    weight: reshape(write, blocks, [whole, out, down, across]),
    attributes: { kernel_shape: { ints: [down, across] }, pads: { ints: pads } },
    name: node.name,
    channels,
    output: outputs[0] ?? "",
  });
  return true;
}

function writeWeightGradient(node: OnnxNode, find: Finder, write: NodeWriter): boolean {
  const found = weightGradient(node, find);
  if (!found || !isByConvolution(found)) return false;
  const { channels, batch, out, kernel, size, before, after, form } = found;
  const positions = size[0] * size[1];
  const apart = [batch / blockSize, blockSize, out / blockSize, positions, blockSize];
  const isLast = form === "by examples";
  const slopes = isLast ? reshape(write, found.gradient, [batch, out, ...size]) : found.gradient;
  const blocks = write.node("Transpose", [reshape(write, reorder(write, slopes), apart)], {
    attributes: { perm: { ints: [2, 0, 3, 1, 4] } },
  });
  const [result = ""] = node.outputs;
  const gradient = convolve(write, {
    image: reorder(write, found.image),
    weight: reshape(write, blocks, [out, batch, ...size]),
    attributes: { kernel_shape: { ints: size }, pads: { ints: [...before, ...after] } },
    name: found.name,
    channels: out,
    ...(isLast && { output: result }),
  });
  if (isLast) return true;
  const turned = write.node("Transpose", [gradient], { attributes: { perm: { ints: [2, 3, 0, 1] } } });
  const flat = write.integers([kernel[0] * kernel[1] * channels, out]);
  write.node("Reshape", [turned, flat], { output: result });
  return true;
}

/** With more channels products of long rows are faster, and of larger images one sum would have too many terms. */
function isByConvolution({ channels, batch, out, kernel, size }: WeightGradient): boolean {
  return (
    channels < blockSize &&
    isWhole(batch) &&
    isWhole(out) &&
    kernel[0] * kernel[1] >= fewestElements &&
    size[0] * size[1] <= largestGradient
  );
}

const reshape = (write: NodeWriter, value: string, sizes: readonly number[]): string =>
  write.node("Reshape", [value, write.integers(sizes)]);

const reorder = (write: NodeWriter, image: string): string =>
  write.node("ReorderInput", [image], { domain: blockedDomain });

interface BlockedConvolution {
  readonly image: string;
  readonly weight: string;
  readonly bias?: string;
  readonly attributes: OnnxNode["attributes"];
  readonly name: string;
  /** The channels of the result. */
  readonly channels: number;
  readonly output?: string;
}

/** The convolution, and its result in the usual layout. */
function convolve(
  write: NodeWriter,
  { image, weight, bias = "", attributes, name, channels, output }: BlockedConvolution,
): string {
  const inputs = bias === "" ? [image, weight] : [image, weight, bias];
  const blocked = write.node("Conv", inputs, { domain: blockedDomain, name, attributes });
  return write.node("ReorderOutput", [blocked], {
    domain: blockedDomain,
    attributes: { channels: { int: channels } },
    ...(output !== undefined && { output }),
  });
}

/**
 * @file Finds the gradients of convolutions' weights in a program, in the forms that `ml/graph/ops/convolution.ts` gives
 * them: by examples where channels are few, else a product of long rows for each element of the kernel.
 */
import type { OnnxNode } from "../onnx/model.ts";
import { intOf, intsOf, type Finder } from "./find-nodes.ts";

/** The gradient of the weight of a plain convolution: two axes, no groups, neither strides nor dilations. */
export interface WeightGradient {
  /** Its input, `[channels, batch, …]`. */
  readonly image: string;
  /** The gradient of its output: `[batch · out, 1, height, width]` by examples, else `[batch, out, height, width]`. */
  readonly gradient: string;
  readonly channels: number;
  readonly batch: number;
  readonly out: number;
  readonly kernel: readonly [number, number];
  /** The height and width of what the convolution gives in the program. */
  readonly size: readonly [number, number];
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
  /** The name that errors know it by. */
  readonly name: string;
  /** What the node gives: `[channels, out, …kernel]`, or `[kernel · channels, out]`. */
  readonly form: "by examples" | "by elements";
}

/** The gradient that a node gives; undefined where it gives something else. */
export function weightGradient(node: OnnxNode, find: Finder): WeightGradient | undefined {
  if (node.domain !== "") return undefined;
  const found =
    node.operator === "ReduceSum"
      ? byExamples(node, find)
      : node.operator === "Concat"
        ? byElements(node, find)
        : undefined;
  if (!found) return undefined;
  const { channels, batch, out, kernel, size } = found;
  return [channels, batch, out, ...kernel, ...size].every((each) => each > 0) ? found : undefined;
}

/** A sum over examples of the convolution of the image by the gradient, with a group for each example. */
function byExamples(node: OnnxNode, find: Finder): WeightGradient | undefined {
  const { inputs, attributes } = node;
  if (intOf(attributes["keepdims"]) !== 0) return undefined;
  const axes = find.integers(inputs[1] ?? "");
  if (axes?.length !== 1 || axes[0] !== 1) return undefined;
  const apart = find.node(inputs[0] ?? "", "Reshape");
  const [channels = 0, batch = 0, out = 0, ...taps] = find.integers(apart?.inputs[1] ?? "") ?? [];
  const convolution = find.node(apart?.inputs[0] ?? "", "Conv");
  const [image = "", slopes = "", bias = ""] = convolution?.inputs ?? [];
  const kernels = find.node(slopes, "Reshape")?.inputs[1] ?? "";
  const [rows, ones, height = 0, width = 0, ...rest] = find.integers(kernels) ?? [];
  if (!convolution || bias !== "" || rest.length > 0) return undefined;
  const [top = 0, left = 0, bottom = 0, right = 0] = intsOf(convolution.attributes["pads"]);
  const isPlain =
    taps.length === 2 &&
    ones === 1 &&
    rows === batch * out &&
    intOf(convolution.attributes["group"]) === batch &&
    isWithoutSteps(convolution) &&
    !("auto_pad" in convolution.attributes);
  const [down = 0, across = 0] = taps;
  if (!isPlain) return undefined;
  return {
    image,
    gradient: slopes,
    channels,
    batch,
    out,
    kernel: [down, across],
    size: [height, width],
    before: [top, left],
    after: [bottom, right],
    name: convolution.name,
    form: "by examples",
  };
}

/** For each element of the kernel what it saw, by the gradient: `[channels, batch · positions]` by `[out, batch · positions]`. */
function byElements(node: OnnxNode, find: Finder): WeightGradient | undefined {
  if (intOf(node.attributes["axis"]) !== 0) return undefined;
  const [joined, ...others] = find.users(node.outputs[0] ?? "");
  if (joined?.operator !== "Reshape" || others.length > 0) return undefined;
  const [down = 0, across = 0, channels = 0, out = 0, ...more] = find.integers(joined.inputs[1] ?? "") ?? [];
  if (more.length > 0 || node.inputs.length !== down * across || channels <= 0 || out <= 0) return undefined;
  const seen = node.inputs.map((name) => elementProduct(name, find));
  const [first] = seen;
  if (!first) return undefined;
  const [height, width] = first.size;
  const isPlain = seen.every(
    (each, index) =>
      each !== undefined &&
      each.image === first.image &&
      each.gradient === first.gradient &&
      each.size[0] === height &&
      each.size[1] === width &&
      each.start[0] === Math.floor(index / across) &&
      each.start[1] === index % across,
  );
  if (!isPlain || first.positions !== height * width) return undefined;
  const padded = find.node(first.image, "Pad");
  const pads = padded ? find.integers(padded.inputs[1] ?? "") : undefined;
  if (padded && (pads?.length !== 8 || (padded.inputs[2] ?? "") !== "" || "mode" in padded.attributes))
    return undefined;
  const [start = 0, before = 0, top = 0, left = 0, end = 0, after = 0, bottom = 0, right = 0] = pads ?? [];
  // A program can fill up channels and examples itself.
  if ([start, before, end, after].some((each) => each !== 0)) return undefined;
  if ([top, left, bottom, right].some((each) => each < 0)) return undefined;
  const { batch } = first;
  const gradient = find.node(first.gradient, "Transpose");
  const perm = intsOf(gradient?.attributes["perm"]);
  if (perm.join() !== "1,0,2,3") return undefined;
  return {
    image: padded?.inputs[0] ?? first.image,
    gradient: gradient?.inputs[0] ?? "",
    channels,
    batch,
    out,
    kernel: [down, across],
    size: [height, width],
    before: [top, left],
    after: [bottom, right],
    name: find.node(node.inputs[0] ?? "", "Gemm")?.name ?? "",
    form: "by elements",
  };
}

/** What one element of the kernel saw, by the gradient. */
interface ElementProduct {
  readonly image: string;
  readonly gradient: string;
  readonly batch: number;
  readonly positions: number;
  readonly start: readonly [number, number];
  readonly size: readonly [number, number];
}

function elementProduct(name: string, find: Finder): ElementProduct | undefined {
  const product = find.node(name, "Gemm");
  if (!product || (product.inputs[2] ?? "") !== "" || intOf(product.attributes["transB"]) !== 1)
    return undefined;
  if (intOf(product.attributes["transA"]) === 1 || "alpha" in product.attributes) return undefined;
  const [seen, gradient] = product.inputs.map((each) => flattened(each, find));
  if (!seen || !gradient || seen.batch !== gradient.batch || seen.positions !== gradient.positions)
    return undefined;
  const slice = find.node(seen.of, "Slice");
  const [image = "", ...limits] = slice?.inputs ?? [];
  const [starts, ends, axes, steps] = limits.map((each) => find.integers(each));
  if (axes?.join() !== "2,3" || !starts || !ends || steps?.some((step) => step !== 1)) return undefined;
  const [top = 0, left = 0] = starts;
  const [bottom = 0, right = 0] = ends;
  return {
    image,
    gradient: gradient.of,
    batch: seen.batch,
    positions: seen.positions,
    start: [top, left],
    size: [bottom - top, right - left],
  };
}

/** What was `[rows, batch, …]` before it became `[rows, batch, positions]` and then `[rows, …]`. */
function flattened(
  name: string,
  find: Finder,
): { readonly of: string; readonly batch: number; readonly positions: number } | undefined {
  const flat = find.node(name, "Reshape");
  const by = find.node(flat?.inputs[0] ?? "", "Reshape");
  const [to, from] = [flat, by].map((each) => find.integers(each?.inputs[1] ?? ""));
  if (to?.length !== 2 || from?.length !== 3 || to[0] !== from[0]) return undefined;
  const [, batch = -1, positions = -1] = from;
  return batch > 0 && positions > 0 ? { of: by?.inputs[0] ?? "", batch, positions } : undefined;
}

/** True where a convolution neither leaves anything out nor goes over it in steps. */
export function isWithoutSteps({ attributes }: OnnxNode): boolean {
  return [...intsOf(attributes["strides"]), ...intsOf(attributes["dilations"])].every((each) => each === 1);
}

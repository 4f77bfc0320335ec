/**
 * @file The gradient of a convolution's weight for few channels, as the CPU computes it fast.
 *
 * The graph has a convolution with a group for each example, and sums over the examples (`ml/graph/ops/convolution.ts`): each
 * is a product of a few rows, and most of its time goes into laying out what it sees. Here some rows of all examples meet in
 * one product: each row of the image that a block of the gradient's rows sees, by each row of the block. Of these only the
 * pairs that are as far apart as a row of the kernel are summed; the others are computed for nothing, and the whole takes a
 * sixth to a third less time.
 */
import "../operators/index.ts";
import { lower } from "../lower.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "../onnx/model.ts";
import { add } from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import { sum } from "../ops/reduce.ts";
import { concat, pad, reshape, slice, transpose } from "../ops/shape-ops.ts";
import { input, type Value } from "../value.ts";

/** A weight's gradient: a sum over examples of the convolution of `image` by the gradient `slopes`. */
interface WeightGradient {
  readonly convolution: OnnxNode;
  /** `[channels, batch, …]`. */
  readonly image: string;
  /** `[batch · out, 1, height, width]`. */
  readonly slopes: string;
  readonly channels: number;
  readonly batch: number;
  readonly out: number;
  readonly kernel: readonly [number, number];
  /** The size of what the convolution gives in the program: the gradient's. */
  readonly size: readonly [number, number];
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
  /** Rows of the gradient in one product. */
  readonly block: number;
}

/** The largest number of rows in one product: with more, too much is computed for nothing. */
const largestBlock = 5;
/** Below so many terms of a sum the products are too short to be worth it. */
const fewTerms = 256;

/** A program of training as the CPU computes it fast. */
export function forCpu(model: Uint8Array): Uint8Array {
  const decoded = decodeOnnx(model);
  const adapted = withProductsByRows(decoded);
  return adapted === decoded ? model : encodeOnnx(adapted);
}

/** The same model with such gradients by rows. Bodies of nodes stay as they are. */
export function withProductsByRows(model: OnnxModel): OnnxModel {
  // Before, the axes of ReduceSum were an attribute.
  if ((model.opsets[""] ?? 0) < 13) return model;
  const { graph } = model;
  const find = finder(graph);
  const initializers = [...graph.initializers];
  const nodes = graph.nodes.flatMap((node): readonly OnnxNode[] => {
    const found = weightGradient(node, find);
    const [result = ""] = node.outputs;
    if (!found) return [node];
    const part = byRows(found, result);
    initializers.push(...part.initializers);
    return part.nodes;
  });
  if (initializers.length === graph.initializers.length) return model;
  const used = new Set([...nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  // First what nobody reshapes any more, then the convolutions that were reshaped.
  const isDead = ({ operator, outputs: [output = ""] }: OnnxNode): boolean =>
    operator === "Reshape" && find.replaced.has(output) && !used.has(output);
  const kept = nodes.filter((node) => !isDead(node));
  const still = new Set(kept.flatMap(({ inputs }) => inputs));
  return {
    ...model,
    graph: {
      ...graph,
      nodes: kept.filter(
        ({ operator, outputs: [output = ""] }) =>
          operator !== "Conv" || !find.replaced.has(output) || still.has(output),
      ),
      initializers,
    },
  };
}

function weightGradient(node: OnnxNode, find: Finder): WeightGradient | undefined {
  const { operator, domain, inputs, attributes } = node;
  if (operator !== "ReduceSum" || domain !== "" || intOf(attributes["keepdims"]) !== 0) return undefined;
  const axes = find.integers(inputs[1] ?? "");
  if (axes?.length !== 1 || axes[0] !== 1) return undefined;
  const apart = find.node(inputs[0] ?? "", "Reshape");
  const [channels = 0, batch = 0, out = 0, ...taps] = find.integers(apart?.inputs[1] ?? "") ?? [];
  const convolution = find.node(apart?.inputs[0] ?? "", "Conv");
  const [image = "", slopes = "", bias = ""] = convolution?.inputs ?? [];
  const [rows, ones, height = 0, width = 0, ...rest] =
    find.integers(find.node(slopes, "Reshape")?.inputs[1] ?? "") ?? [];
  if (!apart || !convolution || bias !== "" || rest.length > 0) return undefined;
  const [top = 0, left = 0, bottom = 0, right = 0] = intsOf(convolution.attributes["pads"]);
  const isPlain =
    taps.length === 2 &&
    ones === 1 &&
    rows === batch * out &&
    intOf(convolution.attributes["group"]) === batch &&
    [...intsOf(convolution.attributes["strides"]), ...intsOf(convolution.attributes["dilations"])].every(
      (each) => each === 1,
    ) &&
    !("auto_pad" in convolution.attributes);
  const [down = 0, across = 0] = taps;
  const block = divisors(height).findLast((each) => each <= largestBlock) ?? 1;
  if (!isPlain || [channels, batch, out, height, width, down, across].some((each) => each <= 0))
    return undefined;
  if (block === 1 || down * across < 4 || batch * width < fewTerms) return undefined;
  find.replaced.add(apart.outputs[0] ?? "").add(convolution.outputs[0] ?? "");
  return {
    convolution,
    image,
    slopes,
    channels,
    batch,
    out,
    kernel: [down, across],
    size: [height, width],
    before: [top, left],
    after: [bottom, right],
    block,
  };
}

/** The nodes that give the gradient under a name. */
function byRows(found: WeightGradient, result: string): Pick<OnnxGraph, "nodes" | "initializers"> {
  const { channels, batch, out, kernel, size, before, after, block, convolution } = found;
  const [[down, across], [height, width]] = [kernel, size];
  const sizes = [height + down - 1, width + across - 1].map(
    (seen, axis) => seen - (before[axis] ?? 0) - (after[axis] ?? 0),
  );
  const image = input(found.image, "float32", [channels, batch, ...sizes]);
  const slopes = input(found.slopes, "float32", [batch * out, 1, height, width]);
  const rows = pad(transpose(image, [0, 2, 1, 3]), [0, before[0], 0, before[1]], [0, after[0], 0, after[1]]);
  const blocks = height / block;
  const seen = block + down - 1;
  const terms = batch * width;
  const windows = concat(
    Array.from({ length: blocks * across }, (_, index) => {
      const start = Math.floor(index / across) * block;
      const left = index % across;
      return slice(rows, [
        { axis: 1, start, end: start + seen },
        { axis: 3, start: left, end: left + width },
      ]);
    }),
    0,
  );
  const byBlock = reshape(transpose(reshape(slopes, [batch, out, height, width]), [2, 1, 0, 3]), [
    blocks,
    block * out,
    terms,
  ]);
  const products = matmul(
    reshape(windows, [blocks, across * channels * seen, terms]),
    transpose(byBlock, [0, 2, 1]),
  );
  const pairs = reshape(sum(products, { axes: 0 }), [across * channels, seen, block, out]);
  const taps = Array.from({ length: down }, (_, tap) =>
    Array.from({ length: block }, (__, row): Value => {
      const pair = slice(pairs, [
        { axis: 1, start: row + tap, end: row + tap + 1 },
        { axis: 2, start: row, end: row + 1 },
      ]);
      return reshape(pair, [1, across, channels, out]);
    }).reduce((total, each) => add(total, each)),
  );
  const gradient = transpose(concat(taps, 0), [2, 3, 0, 1]);
  const { graph } = lower([image, slopes], { [result]: gradient }).model;
  const own = new Set([found.image, found.slopes, result, ""]);
  const rename = (name: string): string => (own.has(name) ? name : `${name} of ${result}`);
  return {
    nodes: graph.nodes.map((node) => ({
      ...node,
      name: node.operator === "MatMul" ? convolution.name : "",
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    })),
    initializers: graph.initializers.map((each) => named(each, rename(each.name))),
  };
}

const named = (tensor: OnnxTensor, name: string): OnnxTensor => ({ ...tensor, name });

interface Finder {
  /** What gives a value, where it is that operator. */
  readonly node: (output: string, operator: string) => OnnxNode | undefined;
  readonly integers: (name: string) => readonly number[] | undefined;
  /** What is not needed any more, unless something else uses it. */
  readonly replaced: Set<string>;
}

function finder({ nodes, initializers }: OnnxGraph): Finder {
  const byOutput = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const byName = new Map(initializers.map((each) => [each.name, each] as const));
  return {
    node: (output, operator) => {
      const found = byOutput.get(output);
      return found?.operator === operator && found.domain === "" ? found : undefined;
    },
    integers: (name) => {
      const found = byName.get(name);
      return found?.dtype === "int64" ? Array.from(found.data, Number) : undefined;
    },
    replaced: new Set(),
  };
}

const intOf = (attribute: OnnxNode["attributes"][string] | undefined): number | undefined =>
  attribute && "int" in attribute ? attribute.int : undefined;

const intsOf = (attribute: OnnxNode["attributes"][string] | undefined): readonly number[] =>
  attribute && "ints" in attribute ? attribute.ints : [];

function divisors(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1).filter((each) => count % each === 0);
}

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
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "../onnx/model.ts";
import { add } from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import { sum } from "../ops/reduce.ts";
import { concat, pad, reshape, slice, transpose } from "../ops/shape-ops.ts";
import { input, type Value } from "../value.ts";
import { finder, withoutDeadNodes } from "./find-nodes.ts";
import { weightGradient, type WeightGradient } from "./weight-gradients.ts";

/** The largest number of rows in one product: with more, too much is computed for nothing. */
const largestBlock = 5;
/** Below so many terms of a sum the products are too short to be worth it. */
const fewTerms = 256;

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
    if (found?.form !== "by examples") return [node];
    const { kernel, batch, size } = found;
    const block = divisors(size[0]).findLast((each) => each <= largestBlock) ?? 1;
    if (block === 1 || kernel[0] * kernel[1] < 4 || batch * size[1] < fewTerms) return [node];
    const part = byRows(found, block, result);
    initializers.push(...part.initializers);
    return part.nodes;
  });
  if (initializers.length === graph.initializers.length) return model;
  return { ...model, graph: withoutDeadNodes({ ...graph, nodes, initializers }) };
}

/** The nodes that give the gradient under a name, with a number of the gradient's rows in one product. */
function byRows(
  found: WeightGradient,
  block: number,
  result: string,
): Pick<OnnxGraph, "nodes" | "initializers"> {
  const { channels, batch, out, kernel, size, before, after } = found;
  const [[down, across], [height, width]] = [kernel, size];
  const sizes = [height + down - 1, width + across - 1].map(
    (seen, axis) => seen - (before[axis] ?? 0) - (after[axis] ?? 0),
  );
  const image = input(found.image, "float32", [channels, batch, ...sizes]);
  const slopes = input(found.gradient, "float32", [batch * out, 1, height, width]);
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
  const own = new Set([found.image, found.gradient, result, ""]);
  const rename = (name: string): string => (own.has(name) ? name : `${name} of ${result}`);
  return {
    nodes: graph.nodes.map((node) => ({
      ...node,
      name: node.operator === "MatMul" ? found.name : "",
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    })),
    initializers: graph.initializers.map((each) => named(each, rename(each.name))),
  };
}

const named = (tensor: OnnxTensor, name: string): OnnxTensor => ({ ...tensor, name });

function divisors(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1).filter((each) => count % each === 0);
}

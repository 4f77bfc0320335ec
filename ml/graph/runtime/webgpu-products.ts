/**
 * @file The gradient of a convolution's weight, as WebGPU computes it fast.
 *
 * The graph has a product of long rows for each element of the kernel (`ml/graph/ops/convolution.ts`): few results, each a
 * sum of tens of thousands of terms, which a device computes one after the other. Here the elements are joined, each example
 * has a product of its own, and the examples' are summed: the same numbers, hundreds of times more work side by side.
 */
import type { OnnxModel, OnnxNode } from "../onnx/model.ts";
import { finder, intOf, withoutDeadNodes, type Finder } from "./find-nodes.ts";

/** A product that sums over examples and positions: `[rows, examples, positions]` by `[columns, examples, positions]`. */
interface LongProduct {
  /** The values before they are made flat. */
  readonly left: string;
  readonly right: string;
}

/** The same model with such products by example. Bodies of nodes stay as they are. */
export function withProductsByExample(model: OnnxModel): OnnxModel {
  // Before, the axes of ReduceSum were an attribute.
  if ((model.opsets[""] ?? 0) < 13) return model;
  const { graph } = model;
  const find = finder(graph);
  let found = 0;
  const axes = { name: "axes of examples", dtype: "int64", shape: [1], data: BigInt64Array.of(0n) } as const;
  const turned = new Map<string, string>();
  const nodes = graph.nodes.flatMap((node): readonly OnnxNode[] => {
    const products = joined(node, find);
    const right = products?.[0]?.right;
    if (!products || right === undefined || products.some((each) => each.right !== right)) return [node];
    const [result = ""] = node.outputs;
    const name = (what: string): string => `${what} of ${result}`;
    const before: OnnxNode[] = [];
    let columns = turned.get(right);
    if (columns === undefined) {
      columns = name("slopes by example");
      turned.set(right, columns);
      before.push(made("Transpose", [right], columns, { perm: { ints: [1, 2, 0] } }));
    }
    const [rows, byExample, each] = [name("windows"), name("windows by example"), name("products")];
    found += 1;
    return [
      ...before,
      products.length === 1
        ? made("Identity", [products[0]?.left ?? ""], rows)
        : made(
            "Concat",
            products.map(({ left }) => left),
            rows,
            { axis: { int: 0 } },
          ),
      made("Transpose", [rows], byExample, { perm: { ints: [1, 0, 2] } }),
      made("MatMul", [byExample, columns], each),
      { ...made("ReduceSum", [each, axes.name], result, { keepdims: { int: 0 } }), name: node.name },
    ];
  });
  if (found === 0) return model;
  // The long products themselves, and what made their operands flat, are used by nothing any more.
  return {
    ...model,
    graph: withoutDeadNodes({ ...graph, nodes, initializers: [...graph.initializers, axes] }),
  };
}

/** The products that a node joins along its first axis, where it does nothing else; the one that it is, where nobody joins it. */
function joined(node: OnnxNode, find: Finder): readonly LongProduct[] | undefined {
  if (node.domain !== "") return undefined;
  const isJoined = find.users(node.outputs[0] ?? "").some(({ operator }) => operator === "Concat");
  if (node.operator === "Gemm" && !isJoined) {
    const product = longProduct(node, find);
    return product && [product];
  }
  if (node.operator !== "Concat") return undefined;
  if (intOf(node.attributes["axis"]) !== 0) return undefined;
  const products = node.inputs.map((name) => longProduct(find.node(name, "Gemm"), find));
  return products.every((each) => each !== undefined) ? products : undefined;
}

function longProduct(node: OnnxNode | undefined, find: Finder): LongProduct | undefined {
  if (!node || (node.inputs[2] ?? "") !== "") return undefined;
  const { transA, transB, alpha } = node.attributes;
  const isPlain = (intOf(transA) ?? 0) === 0 && (!alpha || ("float" in alpha && alpha.float === 1));
  if (!isPlain || intOf(transB) !== 1) return undefined;
  const [left, right] = node.inputs.map((name) => flattened(name, find));
  if (!left || !right || left.positions !== right.positions) return undefined;
  return { left: left.name, right: right.name };
}

/** What was `[rows, examples, positions]` before it became `[rows, …]`. */
function flattened(
  name: string,
  find: Finder,
): { readonly name: string; readonly positions: number } | undefined {
  const flat = find.node(name, "Reshape");
  const by = find.node(flat?.inputs[0] ?? "", "Reshape");
  const [to, from] = [flat, by].map((each) => find.integers(each?.inputs[1] ?? ""));
  if (to?.length !== 2 || from?.length !== 3 || to[0] !== from[0]) return undefined;
  const [, , positions = 0] = from;
  return positions > 0 ? { name: by?.outputs[0] ?? "", positions } : undefined;
}

function made(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: OnnxNode["attributes"] = {},
): OnnxNode {
  return { name: "", operator, domain: "", inputs, outputs: [output], attributes };
}

/**
 * @file The gradient of a convolution's weight, as WebGPU computes it fast.
 *
 * The graph has a product of long rows for each element of the kernel (`ml/graph/ops/convolution.ts`): few results, each a
 * sum of tens of thousands of terms, which a device computes one after the other. Here the elements are joined, each example
 * has a product of its own, and the examples' are summed: the same numbers, hundreds of times more work side by side.
 */
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "../onnx/model.ts";

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
  const used = usedNames(nodes, graph);
  // The long products themselves, and what made their operands flat, are used by nothing any more.
  const kept = nodes.filter(({ operator, outputs }) =>
    operator === "Gemm" || operator === "Reshape" ? outputs.some((name) => used.has(name)) : true,
  );
  return { ...model, graph: { ...graph, nodes: kept, initializers: [...graph.initializers, axes] } };
}

/** The products that a node joins along its first axis, where it does nothing else; the one that it is, where nobody joins it. */
function joined(node: OnnxNode, find: Finder): readonly LongProduct[] | undefined {
  if (node.domain !== "") return undefined;
  if (node.operator === "Gemm" && !find.isJoined(node.outputs[0] ?? "")) {
    const product = longProduct(node, find);
    return product && [product];
  }
  if (node.operator !== "Concat") return undefined;
  const axis = node.attributes["axis"];
  if (!axis || !("int" in axis) || axis.int !== 0) return undefined;
  const products = node.inputs.map((name) => longProduct(find.node(name), find));
  return products.every((each) => each !== undefined) ? products : undefined;
}

function longProduct(node: OnnxNode | undefined, find: Finder): LongProduct | undefined {
  if (node?.operator !== "Gemm" || node.domain !== "" || (node.inputs[2] ?? "") !== "") return undefined;
  const { transA, transB, alpha } = node.attributes;
  const isPlain =
    (!transA || ("int" in transA && transA.int === 0)) && (!alpha || ("float" in alpha && alpha.float === 1));
  if (!isPlain || !transB || !("int" in transB) || transB.int !== 1) return undefined;
  const [left, right] = node.inputs.map((name) => flattened(name, find));
  if (!left || !right || left.positions !== right.positions) return undefined;
  return { left: left.name, right: right.name };
}

/** What was `[rows, examples, positions]` before it became `[rows, …]`. */
function flattened(
  name: string,
  find: Finder,
): { readonly name: string; readonly positions: bigint } | undefined {
  const flat = find.node(name);
  const by = flat && find.node(flat.inputs[0] ?? "");
  if (flat?.operator !== "Reshape" || by?.operator !== "Reshape") return undefined;
  const [to, from] = [find.integers(flat.inputs[1] ?? ""), find.integers(by.inputs[1] ?? "")];
  if (to?.length !== 2 || from?.length !== 3 || to[0] !== from[0]) return undefined;
  const [positions = 0n] = [from[2]];
  return positions > 0n ? { name: by.outputs[0] ?? "", positions } : undefined;
}

interface Finder {
  readonly node: (output: string) => OnnxNode | undefined;
  readonly integers: (name: string) => BigInt64Array | undefined;
  /** Whether a value is joined to others. */
  readonly isJoined: (name: string) => boolean;
}

function finder({ nodes, initializers }: OnnxGraph): Finder {
  const byOutput = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const byName = new Map(initializers.map((each): readonly [string, OnnxTensor] => [each.name, each]));
  const joinedNames = new Set(nodes.flatMap(({ operator, inputs }) => (operator === "Concat" ? inputs : [])));
  return {
    isJoined: (name) => joinedNames.has(name),
    node: (output) => byOutput.get(output),
    integers: (name) => {
      const found = byName.get(name);
      return found?.dtype === "int64" ? found.data : undefined;
    },
  };
}

function usedNames(nodes: readonly OnnxNode[], { outputs }: OnnxGraph): ReadonlySet<string> {
  const used = new Set(outputs.map(({ name }) => name));
  // From the last to the first: a long product that nothing uses uses nothing itself.
  for (const { operator, inputs, outputs: given, attributes } of nodes.toReversed()) {
    if ((operator === "Gemm" || operator === "Reshape") && !given.some((name) => used.has(name))) continue;
    for (const name of inputs) used.add(name);
    for (const attribute of Object.values(attributes))
      if ("graph" in attribute) for (const name of capturedNames(attribute.graph)) used.add(name);
  }
  return used;
}

/** All names that a body mentions. */
function capturedNames(graph: OnnxGraph): readonly string[] {
  const within = graph.nodes.flatMap(({ inputs, attributes }) => [
    ...inputs,
    ...Object.values(attributes).flatMap((each) => ("graph" in each ? capturedNames(each.graph) : [])),
  ]);
  return [...within, ...graph.outputs.map(({ name }) => name)];
}

function made(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: OnnxNode["attributes"] = {},
): OnnxNode {
  return { name: "", operator, domain: "", inputs, outputs: [output], attributes };
}

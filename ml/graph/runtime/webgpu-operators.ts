/**
 * @file Operators that ONNX Runtime's WebGPU provider lacks, composed of those that it has: else their operands would go to
 * the CPU and back in the middle of a run, which takes longer than many kernels.
 */
import type { OnnxModel, OnnxNode, OnnxTensor } from "../onnx/model.ts";
import { withWholeGroups } from "./webgpu-groups.ts";
import { withProductsByExample } from "./webgpu-products.ts";

/**
 * The same model without what WebGPU lacks, and with what it computes slowly or wrongly in another form. Bodies of nodes stay as they are:
 * they run on the CPU.
 */
export function forWebGpu(model: OnnxModel): OnnxModel {
  return withoutLogSoftmax(withWholeGroups(withProductsByExample(model)));
}

function withoutLogSoftmax(model: OnnxModel): OnnxModel {
  const version = model.opsets[""] ?? 0;
  // Before, LogSoftmax was of all axes from the one that is named.
  if (version < 13 || !model.graph.nodes.some(isLogSoftmax)) return model;
  const axes: OnnxTensor[] = [];
  const nodes = model.graph.nodes.flatMap((node) => {
    if (!isLogSoftmax(node)) return [node];
    const { axis } = node.attributes;
    const along = axis && "int" in axis ? axis.int : -1;
    const name = `axes of ${node.outputs[0] ?? ""}`;
    axes.push({ name, dtype: "int64", shape: [1], data: BigInt64Array.of(BigInt(along)) });
    return composed(node, version, along, name);
  });
  const initializers = [...model.graph.initializers, ...axes];
  return { ...model, graph: { ...model.graph, nodes, initializers } };
}

const isLogSoftmax = ({ operator, domain }: OnnxNode): boolean => operator === "LogSoftmax" && domain === "";

/** `x - max(x) - log(sum(exp(x - max(x))))`. */
function composed(
  { name, inputs: [x = ""], outputs: [y = ""] }: OnnxNode,
  version: number,
  axis: number,
  axes: string,
): readonly OnnxNode[] {
  const node = (
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: OnnxNode["attributes"] = {},
  ): OnnxNode => ({
    // One of them has the node's own name, by which an error finds the user's line.
    name: name === "" || operator === "Exp" ? name : `${name} ${output}`,
    operator,
    domain: "",
    inputs,
    outputs: [output],
    attributes,
  });
  const keepdims = { int: 1 };
  const value = (what: string): string => `${what} of ${y}`;
  const [largest, shifted, powers, sums, logs] = [
    value("largest"),
    value("shifted"),
    value("powers"),
    value("sums"),
    value("logs"),
  ];
  return [
    version < 18
      ? node("ReduceMax", [x], largest, { axes: { ints: [axis] }, keepdims })
      : node("ReduceMax", [x, axes], largest, { keepdims }),
    node("Sub", [x, largest], shifted),
    node("Exp", [shifted], powers),
    node("ReduceSum", [powers, axes], sums, { keepdims }),
    node("Log", [sums], logs),
    node("Sub", [shifted, logs], y),
  ];
}

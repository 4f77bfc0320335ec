/** @file Models one after another as one: what a later one takes by a name, an earlier one gives under it. */
import { GraphError } from "../errors.ts";
import type { OnnxModel, OnnxNode } from "../onnx/model.ts";

/**
 * Joins models of the same operator sets. The result takes all that no earlier model gives, and gives what the last one
 * gives.
 *
 * @param main the number of the model whose nodes and values keep their names; the others must have no bodies
 * @throws {@link GraphError} where one of the others has
 */
export function joinModels(models: readonly OnnxModel[], main: number): OnnxModel {
  const last = models.at(-1);
  const kept = models[main];
  if (!last || !kept) throw new GraphError("there is no such model to join");
  const parts = models.map((model, index) => (index === main ? model.graph : renamed(model, `${index}: `)));
  const given = new Set<string>();
  const inputs = new Map<string, OnnxModel["graph"]["inputs"][number]>();
  for (const graph of parts) {
    for (const value of graph.inputs) if (!given.has(value.name)) inputs.set(value.name, value);
    for (const { name } of graph.outputs) given.add(name);
  }
  return {
    ...kept,
    opsets: Object.assign({}, ...models.map(({ opsets }) => opsets)),
    graph: {
      name: kept.graph.name,
      nodes: parts.flatMap(({ nodes }) => nodes),
      inputs: [...inputs.values()],
      outputs: last.graph.outputs,
      initializers: parts.flatMap(({ initializers }) => initializers),
    },
  };
}

/** The graph with a prefix on every name that is its own. */
function renamed({ graph }: OnnxModel, prefix: string): OnnxModel["graph"] {
  const declared = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  const rename = (name: string): string => (name === "" || declared.has(name) ? name : prefix + name);
  const nodes = graph.nodes.map((node): OnnxNode => {
    if (Object.values(node.attributes).some((each) => "graph" in each))
      throw new GraphError(`"${node.name}" has a body: it can't be joined to another model`);
    return {
      ...node,
      name: node.name && prefix + node.name,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    };
  });
  const initializers = graph.initializers.map((each) => ({ ...each, name: rename(each.name) }));
  return { ...graph, nodes, initializers };
}

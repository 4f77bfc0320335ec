/** @file Which values a node needs. */
import type { OnnxNode, OnnxValue } from "./model.ts";

/** The names that a node uses, also in its bodies. */
export function namesUsedBy({ inputs, attributes }: OnnxNode): readonly string[] {
  const inner = Object.values(attributes).flatMap((attribute) =>
    "graph" in attribute
      ? attribute.graph.nodes.flatMap(namesUsedBy).concat(attribute.graph.outputs.map(({ name }) => name))
      : [],
  );
  return inner.length > 0 ? [...inputs, ...inner] : inputs;
}

/** The nodes that outputs need, in their order, and the names of all values that these nodes and the outputs are or use. */
export function neededFor(
  outputs: readonly Pick<OnnxValue, "name">[],
  nodes: readonly OnnxNode[],
): { readonly nodes: readonly OnnxNode[]; readonly names: ReadonlySet<string> } {
  const names = new Set(outputs.map(({ name }) => name));
  const needed = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => names.has(output))) return false;
    for (const used of namesUsedBy(node)) names.add(used);
    return true;
  });
  return { nodes: needed.toReversed(), names };
}

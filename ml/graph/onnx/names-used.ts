/** @file Which values a node needs. */
import type { OnnxNode } from "./model.ts";

/** The names that a node uses, also in its bodies. */
export function namesUsedBy({ inputs, attributes }: OnnxNode): readonly string[] {
  const inner = Object.values(attributes).flatMap((attribute) =>
    "graph" in attribute
      ? attribute.graph.nodes.flatMap(namesUsedBy).concat(attribute.graph.outputs.map(({ name }) => name))
      : [],
  );
  return inner.length > 0 ? [...inputs, ...inner] : inputs;
}

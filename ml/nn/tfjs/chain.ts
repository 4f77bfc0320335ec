/** @file An ONNX model as a chain: nodes that each make the one value that the next uses, and constants. */
import { ModelImportError } from "../../graph/errors.ts";
import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from "../../graph/onnx/model.ts";
import type { Attributes } from "../../graph/value.ts";

/** A node of a chain. */
export interface Link {
  readonly node: OnnxNode;
  readonly attributes: Attributes;
  /** Its constants by their position among the inputs. */
  readonly constants: ReadonlyMap<number, OnnxTensor>;
}

/** A model whose nodes follow one another. */
export interface Chain {
  readonly input: OnnxValue;
  readonly output: string;
  readonly links: readonly Link[];
}

/**
 * A graph as a chain.
 * @throws {@link ModelImportError} where it branches, or has several inputs or outputs
 */
export function chainOf({ nodes, inputs, outputs, initializers }: OnnxGraph): Chain {
  const constants = new Map(initializers.map((tensor) => [tensor.name, tensor]));
  const [input, ...moreInputs] = inputs.filter(({ name }) => !constants.has(name));
  const [output, ...moreOutputs] = outputs;
  if (!input || !output || moreInputs.length > 0 || moreOutputs.length > 0)
    throw new ModelImportError("a model with several inputs or outputs is no chain of layers");
  let current = input.name;
  const links = nodes.map((node): Link => {
    const uses = node.inputs.filter((name) => name !== "" && !constants.has(name));
    if (uses.length !== 1 || uses[0] !== current)
      throw new ModelImportError(
        `${node.operator} does not only use what the node before it makes: the model is no chain of layers`,
      );
    // Further outputs, such as a normalisation's mean, are used by none: the next node uses only the first.
    current = node.outputs[0] ?? "";
    const own = node.inputs.flatMap((name, index): [number, OnnxTensor][] => {
      const tensor = constants.get(name);
      return tensor ? [[index, tensor]] : [];
    });
    const plain = Object.entries(node.attributes).flatMap(([key, attribute]) =>
      "graph" in attribute ? [] : [[key, attribute] as const],
    );
    return { node, attributes: Object.fromEntries(plain), constants: new Map(own) };
  });
  if (current !== output.name)
    throw new ModelImportError("the model's output is not what its last node makes");
  return { input, output: output.name, links };
}

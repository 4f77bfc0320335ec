/** @file Walks a model's graph and builds the program that it stands for, from values for its inputs. */
import { GraphError, ModelImportError } from "../errors.ts";
import type { OnnxGraph, OnnxNode, OnnxTensor } from "../onnx/model.ts";
import { applyAll, findOperator } from "../ops/apply.ts";
import type { Value } from "../value.ts";
import { constantOf } from "./constant-of.ts";
import { controlFlow, type BodyImporter } from "./control-flow.ts";
import { findImport, isPlain, refuse, showNode, type ImportedNode } from "./imported-node.ts";
import { fold } from "./shape-arithmetic.ts";
import { Knowledge } from "./knowledge.ts";

/** Values by the names that they have in a model; those of a graph within a graph come before those around it. */
export type Names = ReadonlyMap<string, Value>;

/** The versions of a model's operator sets, by domain. */
export type Opsets = Readonly<Record<string, number>>;

/** Builds values from a model's nodes. */
export class GraphImporter {
  readonly #opsets: Opsets;
  readonly #constants: ReadonlyMap<OnnxTensor, Value>;
  readonly #knowledge = new Knowledge();

  /** @param constants the constants of the model that were made before */
  constructor(opsets: Opsets, constants: ReadonlyMap<OnnxTensor, Value>) {
    this.#opsets = opsets;
    this.#constants = constants;
  }

  /**
   * The outputs of a graph, in order.
   * @param given values for its inputs, and for initialisers that are no constants
   * @param outer what the graph may use from around it
   * @throws {@link ModelImportError} where a node can't become part of a program
   */
  outputs(graph: OnnxGraph, given: Names, outer: Names = new Map()): readonly Value[] {
    const names = new Map([...outer, ...given]);
    for (const tensor of graph.initializers)
      if (!given.has(tensor.name)) names.set(tensor.name, this.#constant(tensor));
    for (const node of graph.nodes) {
      const outputs = this.#outputsOf(node, names);
      for (const [index, name] of node.outputs.entries()) {
        const output = outputs[index];
        if (name === "") continue;
        if (!output)
          throw new ModelImportError(`${showNode(node)}: its output number ${index + 1} is not known`);
        names.set(name, output);
      }
    }
    return graph.outputs.map(({ name }) => {
      const value = names.get(name);
      if (!value) throw new ModelImportError(`nothing makes the output "${name}"`);
      return value;
    });
  }

  #constant(tensor: OnnxTensor): Value {
    return this.#knowledge.addConstant(this.#constants.get(tensor) ?? constantOf(tensor));
  }

  #outputsOf(node: OnnxNode, names: Names): readonly Value[] {
    const { name, operator, domain } = node;
    const imported: ImportedNode = {
      name,
      operator,
      domain,
      version: this.#opsets[domain] ?? 1,
      inputs: withoutLastMissing(node.inputs.map((each) => this.#find(each, names))),
      attributes: Object.fromEntries(
        Object.entries(node.attributes).flatMap(([key, attribute]) =>
          isPlain(attribute) ? [[key, attribute]] : [],
        ),
      ),
      outputCount: node.outputs.length,
      knowledge: this.#knowledge,
    };
    try {
      const outputs = this.#convert(imported, node, names);
      const folded = fold(imported, outputs);
      return outputs.map((output, index) => {
        const found = folded[index];
        return found ? this.#knowledge.learn(output, found.elements, found.shape) : output;
      });
    } catch (cause) {
      if (cause instanceof GraphError)
        throw new ModelImportError(`${showNode(node)}: ${cause.message}`, { cause });
      throw cause;
    }
  }

  #convert(imported: ImportedNode, node: OnnxNode, names: Names): readonly Value[] {
    const { operator, domain, inputs, attributes, outputCount } = imported;
    const flow = domain === "" ? controlFlow[operator] : undefined;
    if (flow) return flow(imported, this.#bodies(imported, node, names));
    if (Object.values(node.attributes).some((attribute) => !isPlain(attribute)))
      throw refuse(imported, "programs inside this operator are not supported");
    const convert = findImport(operator, domain);
    if (convert) return convert(imported);
    if (!findOperator(operator, domain)) throw refuse(imported, "this operator is not supported");
    return applyAll(operator, inputs, attributes, { domain, outputCount });
  }

  #bodies(imported: ImportedNode, node: OnnxNode, names: Names): BodyImporter {
    return (attribute, build) => {
      const body = node.attributes[attribute];
      if (!body || !("graph" in body)) throw refuse(imported, `its attribute "${attribute}" is missing`);
      const { graph } = body;
      const given = build(graph.inputs);
      return this.outputs(
        graph,
        new Map(graph.inputs.flatMap(({ name }, index) => (given[index] ? [[name, given[index]]] : []))),
        names,
      );
    };
  }

  #find(name: string, names: Names): Value | undefined {
    if (name === "") return undefined;
    const value = names.get(name);
    if (!value) throw new ModelImportError(`nothing makes the value "${name}"`);
    return value;
  }
}

function withoutLastMissing(inputs: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
  return inputs.slice(0, inputs.findLastIndex((each) => each !== undefined) + 1);
}

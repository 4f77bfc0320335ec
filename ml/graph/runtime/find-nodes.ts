/** @file Looking around in a model's graph, for what rewrites parts of it. */
import { namesUsedBy, neededFor } from "../onnx/names-used.ts";
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from "../onnx/model.ts";

/** What is known of a graph by the names of its values. */
export interface Finder {
  /** What gives a value, where it is that operator. */
  readonly node: (output: string, operator: string) => OnnxNode | undefined;
  /** The whole numbers that a value is written down as. */
  readonly integers: (name: string) => readonly number[] | undefined;
  /** The sizes that a declared input has, where all are known. */
  readonly sizes: (name: string) => readonly number[] | undefined;
  /** The nodes that use a value. */
  readonly users: (name: string) => readonly OnnxNode[];
  /** Whether a value leaves the graph. */
  readonly isOutput: (name: string) => boolean;
}

/** Looks around in a graph; bodies of its nodes are not looked into. */
export function finder({ nodes, initializers, inputs, outputs }: OnnxGraph): Finder {
  const byOutput = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const byName = new Map(initializers.map((each) => [each.name, each] as const));
  const shapes = new Map(inputs.map(({ name, shape }) => [name, shape] as const));
  const left = new Set(outputs.map(({ name }) => name));
  const users = new Map<string, OnnxNode[]>();
  for (const node of nodes)
    for (const name of namesUsedBy(node)) {
      const known = users.get(name);
      if (known) known.push(node);
      else users.set(name, [node]);
    }
  return {
    node: (output, operator) => {
      const found = byOutput.get(output);
      return found?.operator === operator && found.domain === "" ? found : undefined;
    },
    integers: (name) => {
      const found = byName.get(name);
      return found?.dtype === "int64" ? Array.from(found.data, Number) : undefined;
    },
    sizes: (name) => {
      const shape = byName.has(name) ? undefined : shapes.get(name);
      const known = shape?.filter((size) => typeof size === "number");
      return known && known.length === shape?.length ? known : undefined;
    },
    users: (name) => users.get(name) ?? [],
    isOutput: (name) => left.has(name),
  };
}

/** The graph without nodes and initialisers that no output needs. */
export function withoutDeadNodes(graph: OnnxGraph): OnnxGraph {
  const { nodes, names } = neededFor(graph.outputs, graph.nodes);
  const declared = new Set(graph.inputs.map(({ name }) => name));
  const initializers = graph.initializers.filter(({ name }) => names.has(name) || declared.has(name));
  return { ...graph, nodes, initializers };
}

/** An attribute that is a whole number. */
export const intOf = (attribute: OnnxAttribute | undefined): number | undefined =>
  attribute && "int" in attribute ? attribute.int : undefined;

/** An attribute that is whole numbers; none where it is absent. */
export const intsOf = (attribute: OnnxAttribute | undefined): readonly number[] =>
  attribute && "ints" in attribute ? attribute.ints : [];

/** Writes nodes and the constants that they need. */
export class NodeWriter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly #suffix: string;

  /** Names that are made up end with the suffix. */
  constructor(suffix: string) {
    this.#suffix = suffix;
  }

  /** Whole numbers as a constant. */
  integers(values: readonly number[]): string {
    const name = this.#name();
    const data = BigInt64Array.from(values, BigInt);
    this.initializers.push({ name, dtype: "int64", shape: [values.length], data });
    return name;
  }

  /** An operator's node; gives the name of its only output. */
  node(
    operator: string,
    inputs: readonly string[],
    { output = this.#name(), domain = "", name = "", attributes = {} }: NodeOptions = {},
  ): string {
    this.nodes.push({ name, operator, domain, inputs, outputs: [output], attributes });
    return output;
  }

  #name(): string {
    return `${this.nodes.length + this.initializers.length} of ${this.#suffix}`;
  }
}

/** What a node has beside its operator and inputs. */
export interface NodeOptions {
  readonly output?: string;
  readonly domain?: string;
  readonly name?: string;
  readonly attributes?: OnnxNode["attributes"];
}

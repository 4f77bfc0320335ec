/**
 * @file Writes programs as ONNX graphs.
 *
 * Equal computations are written once; what no output needs isn't written. Names that are made up begin with `_` and
 * never meet those of inputs and outputs.
 */
import { GraphError } from "./errors.ts";
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./onnx/model.ts";
import { mergeScans } from "./merge-scans.ts";
import { neededFor } from "./onnx/names-used.ts";
import { capturedBy, orderOf } from "./order.ts";
import { elementCount, showShape } from "./shape.ts";
import { simplify } from "./simplify.ts";
import { type Attribute, type Body, type Node, type Value } from "./value.ts";

/** The operator sets that programs are written in. */
export const opsets = { "": 17, "ai.onnx.ml": 3, "com.microsoft": 1 } as const;

/** The version of the standard operator set among {@link opsets}. */
export const opsetVersion = opsets[""];

/** A program as a model, with what must be fed beside the declared inputs. */
export interface Lowered {
  readonly model: OnnxModel;
  /** Values that are fed under made-up names: random sources, and large data where asked for. */
  readonly feeds: ReadonlyMap<string, Value>;
  /** The program's nodes by the names that they have in the model, for errors that name them. */
  readonly nodes: ReadonlyMap<string, Node>;
}

/** How a program is written. */
export interface LowerOptions {
  /** Values that are fed rather than computed or written into the model; data of up to 16 elements always is written. */
  readonly isFed?: (value: Value) => boolean;
  readonly documentation?: string;
}

/**
 * Writes the program that computes the outputs.
 * @param inputs the declared inputs, in order; they are declared even where no output needs them
 * @throws {@link GraphError} when an output needs an input that isn't declared, or a name is taken twice
 */
export function lower(
  inputs: readonly Value[],
  outputs: Readonly<Record<string, Value>>,
  { isFed = () => false, documentation = "" }: LowerOptions = {},
): Lowered {
  const writer = new GraphWriter(new Names([...inputs.map(inputName), ...Object.keys(outputs)]), isFed);
  for (const each of inputs) writer.declare(each, inputName(each));
  writer.write(Object.values(outputs));
  const graph = writer.graph("main", inputs, Object.entries(outputs));
  const used = new Set(graph.nodes.map(({ domain }) => domain));
  const versions = Object.entries(opsets).filter(([domain]) => domain === "" || used.has(domain));
  return {
    model: {
      irVersion: 8,
      producer: "tenon",
      documentation,
      opsets: Object.fromEntries(versions),
      metadata: {},
      graph,
    },
    feeds: writer.feeds,
    nodes: writer.nodes,
  };
}

function inputName({ source }: Value): string {
  if (source.kind !== "input") throw new GraphError("only a value made by input() can be declared as one");
  return source.name;
}

/** Names of one model: unique over its graph and all bodies, as Scan demands. */
class Names {
  readonly #taken: ReadonlySet<string>;
  #madeUp = 0;

  constructor(taken: readonly string[]) {
    this.#taken = new Set(taken);
    const bad = taken.find((name, index) => name === "" || taken.indexOf(name) !== index);
    if (bad !== undefined)
      throw new GraphError(bad === "" ? "a name is empty" : `two inputs or outputs are named "${bad}"`);
  }

  next(): string {
    for (;;) {
      const name = `_${this.#madeUp++}`;
      if (!this.#taken.has(name)) return name;
    }
  }
}

class GraphWriter {
  readonly feeds = new Map<string, Value>();
  readonly nodes: Map<string, Node>;
  readonly #names: Names;
  readonly #isFed: (value: Value) => boolean;
  /** The graph around this body's; it knows the values from outside. */
  readonly #outer: GraphWriter | undefined;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxTensor[] = [];
  readonly #nameOf = new Map<Value, string>();
  readonly #given = new Set<Value>();
  readonly #written = new Map<string, readonly string[]>();

  constructor(names: Names, isFed: (value: Value) => boolean, outer?: GraphWriter) {
    this.#names = names;
    this.#isFed = isFed;
    this.#outer = outer;
    this.nodes = outer?.nodes ?? new Map();
  }

  declare(value: Value, name: string): void {
    this.#nameOf.set(value, name);
    this.#given.add(value);
  }

  write(roots: readonly Value[]): void {
    const isLeaf = (value: Value): boolean => this.#find(value) !== undefined || this.#isFed(value);
    const order = orderOf(roots, "computation", isLeaf);
    const merged = mergeScans(order);
    for (const value of order) {
      if (this.#find(value) === undefined) this.#writeValue(value, merged);
    }
  }

  graph(name: string, inputs: readonly Value[], outputs: readonly (readonly [string, Value])[]): OnnxGraph {
    const published = outputs.map(([output, value]): OnnxValue => {
      if (this.#name(value) === output) return { name: output, dtype: value.dtype, shape: value.shape };
      this.#nodes.push({
        name: "",
        operator: "Identity",
        domain: "",
        inputs: [this.#name(value)],
        outputs: [output],
        attributes: {},
      });
      return { name: output, dtype: value.dtype, shape: value.shape };
    });
    const fed = [...this.feeds].map(([name, { dtype, shape }]): OnnxValue => ({ name, dtype, shape }));
    const declared = inputs.map((each): OnnxValue => ({
      name: this.#name(each),
      dtype: each.dtype,
      shape: each.shape,
    }));
    const { nodes, names } = neededFor(published, this.#nodes);
    const initializers = this.#initializers.filter((tensor) => names.has(tensor.name));
    return { name, nodes, inputs: [...declared, ...fed], outputs: published, initializers };
  }

  #find(value: Value): string | undefined {
    const name = this.#nameOf.get(value);
    return name === undefined && this.#outer ? this.#outer.#find(value) : name;
  }

  /** The name of a value that a node of this very graph computes. */
  #ownName(value: Value): string | undefined {
    const name = this.#nameOf.get(value);
    return this.#nodes.some(({ outputs }) => name !== undefined && outputs.includes(name)) ? name : undefined;
  }

  #name(value: Value): string {
    const name = this.#find(value);
    if (name === undefined) throw new GraphError("a value was used before it was written");
    return name;
  }

  #isGiven(value: Value): boolean {
    return this.#given.has(value) || (this.#outer !== undefined && this.#outer.#isGiven(value));
  }

  #writeValue(value: Value, merged: ReadonlyMap<Value, Value>): void {
    if (this.#isFed(value) && !(value.source.kind === "data" && value.dtype !== "string" && isSmall(value)))
      return this.#feed(value);
    const { source } = value;
    switch (source.kind) {
      case "input":
        throw new GraphError(`the program needs the input "${source.name}", which it does not declare`);
      case "random":
      case "stored":
        return this.#feed(value);
      case "data":
        return this.#writeData(value, source.data);
      case "alias":
        this.#nameOf.set(value, this.#name(source.of));
        return;
      default: {
        const twin = merged.get(value);
        if (!twin) return this.#writeNode(source.node);
        this.write([twin]);
        this.#nameOf.set(value, this.#name(twin));
      }
    }
  }

  #feed(value: Value): void {
    if (this.#outer) throw new GraphError("a value inside a repeated step can't be fed");
    const name = this.#names.next();
    this.#nameOf.set(value, name);
    this.feeds.set(name, value);
  }

  #writeData(value: Value, data: OnnxTensor["data"]): void {
    if (data.length !== elementCount(value.shape))
      throw new GraphError(
        `the array of a tensor ${showShape(value.shape)} has changed since it was made: it has ${data.length} elements`,
      );
    const small = isSmall(value);
    const key = small
      ? `data ${value.dtype} ${value.shape.join(",")} ${Array.from(data, bits).join(",")}`
      : undefined;
    const known = key === undefined ? undefined : this.#written.get(key)?.[0];
    const name = known ?? this.#names.next();
    this.#nameOf.set(value, name);
    if (known !== undefined) return;
    if (key !== undefined) this.#written.set(key, [name]);
    const shape = value.shape.map(Number);
    // SAFETY: a value's data is an array of its element type.
    this.#initializers.push({ name, dtype: value.dtype, shape, data } as OnnxTensor);
  }

  #writeNode(node: Node): void {
    const simpler = simplify(node, (value) => this.#isGiven(value));
    if (simpler) {
      const [output] = node.outputs;
      this.write([simpler]);
      if (output) this.#nameOf.set(output, this.#name(simpler));
      return;
    }
    for (const attribute of Object.values(node.attributes))
      if ("body" in attribute) this.write(capturedBy(attribute.body));
    const inputs = node.inputs.map((each) => (each ? this.#name(each) : ""));
    const attributes = Object.fromEntries(
      Object.entries(node.attributes).map(([name, attribute]) => [name, this.#attribute(attribute)]),
    );
    const key = nodeKey(node, inputs);
    const known = key === undefined ? undefined : this.#written.get(key);
    const outputs = known ?? node.outputs.map(() => this.#names.next());
    for (const [index, output] of node.outputs.entries()) this.#nameOf.set(output, outputs[index] ?? "");
    if (known) return;
    if (key !== undefined) this.#written.set(key, outputs);
    const { operator, domain } = node;
    const name = `${operator}_${this.nodes.size}`;
    this.nodes.set(name, node);
    this.#nodes.push({ name, operator, domain, inputs, outputs, attributes });
  }

  #attribute(attribute: Attribute): OnnxAttribute {
    if (!("body" in attribute)) return attribute;
    return { graph: this.#body(attribute.body) };
  }

  #body(body: Body): OnnxGraph {
    const writer = new GraphWriter(this.#names, () => false, this);
    for (const each of body.inputs) writer.declare(each, this.#names.next());
    writer.write(body.outputs);
    const published = new Set<string>();
    const outputs = body.outputs.map((value): readonly [string, Value] => {
      const own = writer.#ownName(value);
      // What the body computes leaves under its own name, once: every other way is a copy at each repetition.
      const name = own === undefined || published.has(own) ? this.#names.next() : own;
      published.add(name);
      return [name, value];
    });
    return writer.graph("body", body.inputs, outputs);
  }
}

const nondeterministic = new Set([
  "RandomNormal",
  "RandomUniform",
  "RandomNormalLike",
  "RandomUniformLike",
  "Bernoulli",
]);

/** What makes two nodes equal; undefined for one that must stay by itself. */
function nodeKey(node: Node, inputs: readonly string[]): string | undefined {
  if (nondeterministic.has(node.operator)) return undefined;
  const attributes = Object.entries(node.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  if (attributes.some(([, attribute]) => "body" in attribute || "tensor" in attribute)) return undefined;
  return `${node.domain} ${node.operator} ${inputs.join(" ")} ${node.outputs.length} ${JSON.stringify(attributes)}`;
}

function isSmall({ shape }: Value): boolean {
  return (elementCount(shape) ?? Number.POSITIVE_INFINITY) <= 16;
}

/** A number such that only equal elements have equal texts: -0 differs from 0. */
function bits(element: number | bigint | string): string {
  return Object.is(element, -0)
    ? "-0"
    : JSON.stringify(typeof element === "bigint" ? `${element}` : element) + String(element);
}

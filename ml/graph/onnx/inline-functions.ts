/**
 * @file Puts the bodies of a model's functions in place of the nodes that call them.
 *
 * Values of a body get names that nothing else in the model has. A function is written in the operator sets of the
 * model, or in further ones; a body that expects another version of one is refused. What inlining adds is bounded:
 * functions that call functions twice could otherwise grow without end.
 */
import { OnnxFileError } from "../errors.ts";
import { showDomain } from "./decode-graph.ts";
import type { OnnxAttribute, OnnxGraph, OnnxNode } from "./model.ts";
import { FreshNames } from "./fresh-names.ts";
import type {
  ParsedAttribute,
  ParsedFunction,
  ParsedGraph,
  ParsedModel,
  ParsedNode,
} from "./parsed-model.ts";

const deepestCall = 16;
const deepestGraph = 32;
/** In characters of new names, with 64 for each node: about 200,000 nodes. */
const largestGrowth = 2 ** 24;

/** A call that is being inlined; undefined in the model's own graph. */
interface Call {
  /** Opens the names of this call's values. */
  readonly prefix: string;
  readonly callee: ParsedFunction;
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
  readonly caller: Call | undefined;
  readonly depth: number;
}

/**
 * The model's graph without calls, and the operator sets that it needs.
 * @throws {OnnxFileError} for functions that call themselves, calls that don't fit and attributes that stand for none
 */
export function inlineFunctions(model: ParsedModel): { graph: OnnxGraph; opsets: Map<string, number> } {
  return new Inliner(model).result();
}

class Inliner {
  readonly #model: ParsedModel;
  readonly #functions = new Map<string, ParsedFunction>();
  readonly #opsets: Map<string, number>;
  readonly #names = new FreshNames();
  #growth = 0;
  #calls = 0;
  #depth = 0;

  constructor(model: ParsedModel) {
    this.#model = model;
    this.#opsets = new Map(model.opsets);
    for (const callee of model.functions) {
      const key = keyOf(callee.domain, callee.name, callee.overload);
      if (this.#functions.has(key)) throw new OnnxFileError(`function ${show(callee)} is there twice`);
      this.#functions.set(key, callee);
    }
    if (model.functions.length > 0) this.#names.reserveAll(model.graph);
  }

  result(): { graph: OnnxGraph; opsets: Map<string, number> } {
    const graph = this.#graph(this.#model.graph, undefined, undefined);
    return { graph, opsets: this.#opsets };
  }

  /** @param outer the names around the graph in a function's body; undefined where names stay */
  #graph(graph: ParsedGraph, outer: Names | undefined, call: Call | undefined): OnnxGraph {
    if (++this.#depth > deepestGraph)
      throw new OnnxFileError(`graphs are nested more than ${deepestGraph} deep`);
    const names = outer && new Names(outer);
    const declare = (name: string): string => (names ? this.#declare(names, name, call) : name);
    const inputs = graph.inputs.map((value) => ({ ...value, name: declare(value.name) }));
    const isInput = new Set(graph.inputs.map(({ name }) => name));
    const initializers = graph.initializers.map((tensor) =>
      // An initialiser of an input's name is its default.
      ({
        ...tensor,
        name: names && isInput.has(tensor.name) ? names.get(tensor.name) : declare(tensor.name),
      }),
    );
    const nodes = this.#nodes(graph.nodes, names, call);
    const outputs = graph.outputs.map((value) => ({
      ...value,
      name: names ? names.get(value.name) : value.name,
    }));
    this.#depth--;
    return { name: graph.name, nodes, inputs, outputs, initializers };
  }

  #nodes(nodes: readonly ParsedNode[], names: Names | undefined, call: Call | undefined): OnnxNode[] {
    const result: OnnxNode[] = [];
    for (const node of nodes) {
      const callee = this.#functions.get(keyOf(node.domain, node.operator, node.overload));
      const inputs = names ? node.inputs.map((name) => names.get(name)) : node.inputs;
      const attributes = this.#attributes(node, names, call);
      const outputs = names
        ? node.outputs.map((name) => (name === "" ? "" : this.#declare(names, name, call)))
        : node.outputs;
      if (callee) {
        for (const inlined of this.#call(callee, inputs, outputs, attributes, call)) result.push(inlined);
        continue;
      }
      if (node.overload !== "") {
        throw new OnnxFileError(
          `${node.operator} has the overload ${JSON.stringify(node.overload)}, but no function`,
        );
      }
      const { operator, domain } = node;
      if (call) this.#useOpset(call.callee, domain);
      const name = call && node.name !== "" ? this.#names.fresh(`${call.prefix}${node.name}`) : node.name;
      if (call) this.#grow(64 + name.length + inputs.length);
      result.push({ name, operator, domain, inputs, outputs, attributes: Object.fromEntries(attributes) });
    }
    return result;
  }

  #call(
    callee: ParsedFunction,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: ReadonlyMap<string, OnnxAttribute>,
    caller: Call | undefined,
  ): OnnxNode[] {
    const depth = (caller?.depth ?? 0) + 1;
    for (let above = caller; above; above = above.caller) {
      if (above.callee === callee) throw new OnnxFileError(`function ${show(callee)} calls itself`);
    }
    if (depth > deepestCall)
      throw new OnnxFileError(`functions call each other more than ${deepestCall} deep`);
    if (inputs.length > callee.inputs.length || outputs.length > callee.outputs.length) {
      throw new OnnxFileError(`function ${show(callee)} is called with more inputs or outputs than it has`);
    }
    this.#grow(64 + callee.inputs.length + callee.outputs.length);
    const prefix = `${callee.name}_${++this.#calls}/`;
    const names = new Names(undefined, `of function ${show(callee)}`);
    for (const [index, formal] of callee.inputs.entries()) names.declare(formal, inputs[index] ?? "");
    const passed: OnnxNode[] = [];
    for (const [index, formal] of callee.outputs.entries()) {
      const actual = outputs[index] ?? "";
      if (actual === "") continue;
      if (callee.inputs.includes(formal)) {
        passed.push({
          name: "",
          operator: "Identity",
          domain: "",
          inputs: [names.get(formal)],
          outputs: [actual],
          attributes: {},
        });
      } else names.expect(formal, actual);
    }
    if (passed.length > 0) this.#useOpset(callee, "");
    const nodes = this.#nodes(callee.nodes, names, { prefix, callee, attributes, caller, depth });
    names.refuseUnmet();
    return [...nodes, ...passed];
  }

  #attributes(
    node: ParsedNode,
    names: Names | undefined,
    call: Call | undefined,
  ): Map<string, OnnxAttribute> {
    const result = new Map<string, OnnxAttribute>();
    for (const [key, attribute] of node.attributes) {
      const value = this.#attribute(attribute, names, call);
      if (value) result.set(key, value);
    }
    return result;
  }

  /** Undefined where it stands for an attribute that the caller left out. */
  #attribute(
    attribute: ParsedAttribute,
    names: Names | undefined,
    call: Call | undefined,
  ): OnnxAttribute | undefined {
    if ("graph" in attribute) return { graph: this.#graph(attribute.graph, names, call) };
    if (!("reference" in attribute)) return attribute;
    const { reference } = attribute;
    if (!call)
      throw new OnnxFileError(`an attribute stands for ${JSON.stringify(reference)} outside any function`);
    const given = call.attributes.get(reference);
    if (given) return given;
    const fallback = call.callee.defaults.get(reference);
    if (fallback && "reference" in fallback)
      throw new OnnxFileError(`a default of ${show(call.callee)} is no value`);
    return fallback && this.#attribute(fallback, names, call);
  }

  #useOpset({ opsets, ...callee }: ParsedFunction, domain: string): void {
    const version = opsets.get(domain);
    if (version === undefined) {
      throw new OnnxFileError(`function ${show(callee)} uses ${showDomain(domain)} without importing it`);
    }
    const ours = this.#opsets.get(domain) ?? version;
    if (ours !== version) {
      throw new OnnxFileError(
        `function ${show(callee)} is written in version ${version} of ${showDomain(domain)}, the model in ${ours}`,
      );
    }
    this.#opsets.set(domain, version);
  }

  #declare(names: Names, name: string, call: Call | undefined): string {
    const fresh = names.expected(name) ?? this.#names.fresh(`${call?.prefix ?? ""}${name}`);
    this.#grow(fresh.length);
    names.declare(name, fresh);
    return fresh;
  }

  #grow(size: number): void {
    this.#growth += size;
    if (this.#growth > largestGrowth)
      throw new OnnxFileError("the model's functions, written out, are too large");
  }
}

/** New names by the old, in one scope of a function's body and those around it. */
class Names {
  readonly #outer: Names | undefined;
  readonly #where: string;
  readonly #known = new Map<string, string>([["", ""]]);
  readonly #expected = new Map<string, string>();

  constructor(outer: Names | undefined, where = outer?.where ?? "") {
    this.#outer = outer;
    this.#where = where;
  }

  get where(): string {
    return this.#where;
  }

  get(name: string): string {
    const known = this.#known.get(name) ?? this.#outer?.get(name);
    if (known !== undefined) return known;
    throw new OnnxFileError(`the value ${JSON.stringify(name)} ${this.#where} is used before it exists`);
  }

  declare(name: string, fresh: string): void {
    if (this.#known.has(name)) {
      throw new OnnxFileError(`the value ${JSON.stringify(name)} ${this.#where} is there twice`);
    }
    this.#known.set(name, fresh);
  }

  /** The name that the caller gives to an output of the function. */
  expect(name: string, actual: string): void {
    if (this.#expected.has(name)) throw new OnnxFileError(`an output ${this.#where} is there twice`);
    this.#expected.set(name, actual);
  }

  expected(name: string): string | undefined {
    return this.#expected.get(name);
  }

  refuseUnmet(): void {
    for (const name of this.#expected.keys()) this.get(name);
  }
}

function keyOf(domain: string, name: string, overload: string): string {
  return JSON.stringify([domain, name, overload]);
}

function show({ domain, name }: { readonly domain: string; readonly name: string }): string {
  return domain === "" ? name : `${domain}.${name}`;
}

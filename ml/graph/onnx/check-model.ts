/**
 * @file What must hold of an ONNX model beyond its parts: operator sets that are known here, and names.
 *
 * The rules for names are those of ONNX's own checker: every value is made once (in a graph within a graph, not again
 * by a node where a graph around it has it), before it is used, and a graph's outputs are values of its own.
 */
import { OnnxFileError } from "../errors.ts";
import { showDomain } from "./decode-graph.ts";
import type { OnnxGraph, OnnxModel, OnnxNode } from "./model.ts";

/** The versions of ONNX's file format that the runtime loads. */
const irVersions = [3, 13] as const;

/** The operator sets whose operators are known here, oldest and newest version of each. */
const knownOpsets = new Map<string, readonly [number, number]>([
  ["", [7, 28]],
  ["ai.onnx.ml", [1, 4]],
  ["com.microsoft", [1, 1]],
  // What ONNX Runtime makes of convolutions for a processor (`runtime/blocked-layout.ts`); files have it where it was saved so.
  ["com.microsoft.nchwc", [1, 1]],
]);

/** Throws {@link OnnxFileError} where the model's version, operator sets or names don't hold. */
export function checkModel(model: OnnxModel): void {
  const [oldest, newest] = irVersions;
  if (!(model.irVersion >= oldest && model.irVersion <= newest)) {
    throw new OnnxFileError(
      `the file has version ${model.irVersion} of ONNX's format; ${oldest} to ${newest} can be used`,
    );
  }
  for (const domain of usedDomains(model.graph)) checkOpset(domain, model.opsets[domain]);
  checkGraph(model.graph, undefined);
}

/** The domains of a graph's operators, those of the graphs in it included. */
export function usedDomains(graph: OnnxGraph): Set<string> {
  const domains = new Set<string>();
  const visit = ({ nodes }: OnnxGraph): void => {
    for (const node of nodes) {
      domains.add(node.domain);
      for (const body of bodiesOf(node)) visit(body);
    }
  };
  visit(graph);
  return domains;
}

function checkOpset(domain: string, version: number | undefined): void {
  const known = knownOpsets.get(domain);
  const name = showDomain(domain);
  if (!known) {
    throw new OnnxFileError(
      `the model needs the operator set ${name}${version ? ` ${version}` : ""}, which is not known`,
    );
  }
  if (version === undefined) throw new OnnxFileError(`the model uses ${name} without saying which version`);
  const [oldest, newest] = known;
  if (!(version >= oldest && version <= newest)) {
    const range = oldest === newest ? `version ${oldest} is` : `versions ${oldest} to ${newest} are`;
    throw new OnnxFileError(`the model needs version ${version} of the operator set ${name}; ${range} known`);
  }
}

interface Scope {
  readonly names: Set<string>;
  readonly outer: Scope | undefined;
}

function checkGraph(graph: OnnxGraph, outer: Scope | undefined): void {
  const names = new Set<string>();
  const scope = { names, outer };
  for (const { name } of graph.inputs) {
    if (name === "" || names.has(name))
      throw new OnnxFileError(`the input ${JSON.stringify(name)} is there twice or nameless`);
    names.add(name);
  }
  const initializers = new Set<string>();
  for (const { name } of graph.initializers) {
    if (name === "" || initializers.has(name)) {
      throw new OnnxFileError(`the initialiser ${JSON.stringify(name)} is there twice or nameless`);
    }
    initializers.add(name);
    names.add(name);
  }
  for (const node of graph.nodes) {
    for (const name of node.inputs) {
      if (name !== "" && !isKnown(name, scope)) throw unknownValue(name, node, graph);
    }
    for (const body of bodiesOf(node)) checkGraph(body, scope);
    for (const name of node.outputs) {
      if (name === "") continue;
      if (isKnown(name, scope)) {
        throw new OnnxFileError(
          `${show(node)} makes the value ${JSON.stringify(name)}, which is there already`,
        );
      }
      names.add(name);
    }
  }
  const outputs = new Set<string>();
  for (const { name } of graph.outputs) {
    if (outputs.has(name)) throw new OnnxFileError(`the output ${JSON.stringify(name)} is there twice`);
    if (!names.has(name))
      throw new OnnxFileError(`the output ${JSON.stringify(name)} is made by no node of its graph`);
    outputs.add(name);
  }
}

function isKnown(name: string, scope: Scope): boolean {
  for (let here: Scope | undefined = scope; here; here = here.outer) if (here.names.has(name)) return true;
  return false;
}

function unknownValue(name: string, node: OnnxNode, graph: OnnxGraph): OnnxFileError {
  const later = graph.nodes.find(({ outputs }) => outputs.includes(name));
  const why = later
    ? `before ${show(later)} makes it: the nodes are in no order in which they can run, or form a cycle`
    : "but nothing makes it";
  return new OnnxFileError(`${show(node)} uses the value ${JSON.stringify(name)}, ${why}`);
}

function* bodiesOf({ attributes }: OnnxNode): Generator<OnnxGraph> {
  for (const attribute of Object.values(attributes)) if ("graph" in attribute) yield attribute.graph;
}

function show({ operator, name }: OnnxNode): string {
  return name === "" ? operator : `${operator} ${JSON.stringify(name)}`;
}

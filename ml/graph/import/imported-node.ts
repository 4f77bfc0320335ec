/** @file A model's node on its way into a program, and the converters that know how single operators get there. */
import { ModelImportError } from "../errors.ts";
import type { OnnxAttribute } from "../onnx/model.ts";
import { knownNumbers, type Attributes, type Value } from "../value.ts";
import type { Elements, Knowledge } from "./knowledge.ts";

/** What a converter sees of a node. */
export interface ImportedNode {
  /** The node's own name; "" where it has none. */
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  /** The version of the operator set that it is written in. */
  readonly version: number;
  /** Undefined where an optional input is left out. */
  readonly inputs: readonly (Value | undefined)[];
  /** Without graphs: those are only for the operators of `control-flow.ts`. */
  readonly attributes: Attributes;
  readonly outputCount: number;
  readonly knowledge: Knowledge;
}

/** Gives a node's outputs as values of the operator set that programs are written in. */
export type Converter = (node: ImportedNode) => readonly Value[];

const converters = new Map<string, Converter>();

/** Says how nodes of operators become values, where it isn't by applying the operator as it stands. */
export function defineImport(names: string | readonly string[], converter: Converter, domain = ""): void {
  for (const name of [names].flat()) converters.set(key(name, domain), converter);
}

/** The converter for an operator; undefined where it is applied as it stands. */
export function findImport(operator: string, domain: string): Converter | undefined {
  return converters.get(key(operator, domain));
}

const key = (name: string, domain: string): string => `${domain} ${name}`;

/** A node as errors name it: its operator, and its name where it has one. */
export function showNode({
  operator,
  domain,
  name,
}: Pick<ImportedNode, "operator" | "domain" | "name">): string {
  const full = domain === "" ? operator : `${domain}.${operator}`;
  return name === "" ? full : `${full} "${name}"`;
}

/** The error that a node can't be imported, and why. */
export function refuse(node: ImportedNode, why: string): ModelImportError {
  return new ModelImportError(`${showNode(node)}: ${why}`);
}

/**
 * An input that the node can't do without.
 * @throws {@link ModelImportError} without it
 */
export function inputOf(node: ImportedNode, index: number): Value {
  const value = node.inputs[index];
  if (!value) throw refuse(node, `its input number ${index + 1} is missing`);
  return value;
}

/**
 * The elements of an input, where they must be known to import the node.
 * @throws {@link ModelImportError} where they are not
 */
export function numbersOfInput(node: ImportedNode, index: number): readonly number[] {
  const value = inputOf(node, index);
  const numbers = node.knowledge.numbers(value) ?? knownNumbers(value);
  if (!numbers) throw refuse(node, `its input number ${index + 1} is known only when the model runs`);
  return numbers;
}

/** The elements of an input as far as they are known, names of sizes among them. */
export function elementsOfInput({ inputs, knowledge }: ImportedNode, index: number): Elements | undefined {
  return knowledge.elements(inputs[index]);
}

/** Attributes without some of them. */
export function without(attributes: Attributes, ...names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
}

/** An attribute that holds no graph. */
export function isPlain(
  attribute: OnnxAttribute,
): attribute is Exclude<OnnxAttribute, { readonly graph: unknown }> {
  return !("graph" in attribute);
}

/** @file Attributes of nodes, read by their kind. */
import type { Attributes } from "../value.ts";

/** The whole number that an attribute holds, or a default. */
export function intAttribute(attributes: Attributes, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute && "int" in attribute ? attribute.int : otherwise;
}

/** The number that an attribute holds, or a default. */
export function floatAttribute(attributes: Attributes, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute && "float" in attribute ? attribute.float : otherwise;
}

/** The whole numbers that an attribute holds; undefined without it. */
export function intsAttribute(attributes: Attributes, name: string): readonly number[] | undefined {
  const attribute = attributes[name];
  return attribute && "ints" in attribute ? attribute.ints : undefined;
}

/** The text that an attribute holds, or a default. */
export function textAttribute(attributes: Attributes, name: string, otherwise: string): string {
  const attribute = attributes[name];
  return attribute && "text" in attribute ? attribute.text : otherwise;
}

/**
 * @file A model as the file has it, one step before {@link OnnxModel}: nodes may call functions of the model, and
 * attributes in a function may stand for those of its callers. `inline-functions.ts` makes the one of the other.
 */
import type { OnnxAttribute, OnnxTensor, OnnxValue } from "./model.ts";

/** A model with its functions. */
export interface ParsedModel {
  readonly irVersion: number;
  readonly producer: string;
  readonly documentation: string;
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: ParsedGraph;
  readonly functions: readonly ParsedFunction[];
}

/** A graph whose nodes may be calls. */
export interface ParsedGraph {
  readonly name: string;
  readonly nodes: readonly ParsedNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly OnnxTensor[];
}

/** A node that may be a call. */
export interface ParsedNode {
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  /** Tells functions of one name apart. */
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, ParsedAttribute>;
}

/** An attribute, or the name of the caller's that it stands for. */
export type ParsedAttribute =
  | Exclude<OnnxAttribute, { readonly graph: unknown }>
  | { readonly graph: ParsedGraph }
  | { readonly reference: string };

/** A function of the model: a node's meaning in other nodes. */
export interface ParsedFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Values of attributes that a call leaves out. */
  readonly defaults: ReadonlyMap<string, ParsedAttribute>;
  readonly opsets: ReadonlyMap<string, number>;
  readonly nodes: readonly ParsedNode[];
}

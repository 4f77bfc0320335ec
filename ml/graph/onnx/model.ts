/**
 * @file An ONNX model as plain data: what `decode.ts` reads and `encode.ts` writes, after onnx.proto.
 *
 * A graph's nodes stand in an order in which each uses only values that exist: inputs, initialisers, and the outputs of
 * nodes before it (for a subgraph, also the values of the graphs around it). An input with an initialiser of its name is
 * optional: the initialiser is its default.
 */
import type { DataOf, DType } from "../dtype.ts";

/** A model. */
export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  readonly documentation: string;
  /** The version of each operator set that the nodes are written in, by domain; the standard one's domain is "". */
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly graph: OnnxGraph;
}

/** A graph: a model's, or a node's body. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly OnnxTensor[];
}

/** A node: one operator applied. */
export interface OnnxNode {
  readonly name: string;
  readonly operator: string;
  /** The operator set's domain; "" for the standard one. */
  readonly domain: string;
  /** Names of values; "" where an optional input is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A named value with what is known of its type; unknown sizes are names, or null where they have none. */
export interface OnnxValue {
  readonly name: string;
  /** Undefined where the file doesn't say, or where it isn't a tensor. */
  readonly dtype: DType | undefined;
  /** Undefined where even the number of axes is unknown. */
  readonly shape: readonly (number | string | null)[] | undefined;
}

/** A tensor with its elements in row-major order. */
export type OnnxTensor = {
  readonly [D in DType]: {
    readonly name: string;
    readonly dtype: D;
    readonly shape: readonly number[];
    readonly data: DataOf<D>;
  };
}[DType];

/** A node's attribute. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly tensor: OnnxTensor }
  | { readonly graph: OnnxGraph }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly texts: readonly string[] };

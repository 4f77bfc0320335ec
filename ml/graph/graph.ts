/**
 * @file A program on tensors as a graph of ONNX operations, with the record that reverse-mode gradients need.
 *
 * Nodes are only ever appended and may only use values that exist, so node order is execution order. Names that the
 * graph makes up begin with `_` and never meet those of inputs and outputs.
 */
import { GraphError } from "./errors.ts";
import type { ElementType, Shape, Value } from "./value.ts";

/** An attribute of an ONNX node; integers are written as `INT`, numbers marked by `float` as `FLOAT`. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] }
  | { readonly texts: readonly string[] }
  | { readonly tensor: Constant };

/** A node: one operation. */
export interface Node {
  readonly operation: string;
  /** The operator set's domain; empty for the standard one. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A constant's value. */
export interface Constant {
  readonly name: string;
  readonly data: Float32Array | BigInt64Array;
  readonly shape: readonly number[];
}

/** How one operation passes its output's gradient on to its inputs. */
export interface TapeEntry {
  readonly output: Value;
  /** Each input that has a gradient, and how to build it; nodes are added only when it is called. */
  readonly inputs: readonly (readonly [input: Value, gradient: (outputGradient: Value) => Value])[];
}

/** A graph under construction. */
export class Graph {
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly constants: Constant[] = [];
  readonly tape: TapeEntry[] = [];
  readonly #names = new Set<string>();
  #madeUp = 0;

  /** Declares an input. */
  input(name: string, type: ElementType, shape: Shape): Value {
    this.#claim(name);
    const value: Value = { name, type, shape };
    this.inputs.push(value);
    return value;
  }

  /** A constant; `data` in row-major order. */
  constant(data: Float32Array | BigInt64Array, shape: readonly number[]): Value {
    const length = shape.reduce((product, size) => product * size, 1);
    if (length !== data.length) {
      throw new GraphError(
        `a constant of shape [${shape.join(", ")}] needs ${length} values, not ${data.length}`,
      );
    }
    const constant: Constant = { name: this.#makeUpName(), data, shape };
    this.constants.push(constant);
    return { name: constant.name, type: data instanceof Float32Array ? "float32" : "int64", shape };
  }

  /** A scalar constant. */
  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), []);
  }

  /** Appends an operation with one output. */
  node(
    operation: string,
    inputs: readonly Value[],
    output: { readonly type: ElementType; readonly shape: Shape },
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = "",
  ): Value {
    const name = this.#makeUpName();
    this.nodes.push({
      operation,
      domain,
      inputs: inputs.map((input) => input.name),
      outputs: [name],
      attributes,
    });
    return { name, type: output.type, shape: output.shape };
  }

  /** Publishes a value under a name. */
  output(name: string, value: Value): void {
    this.#claim(name);
    this.nodes.push({
      operation: "Identity",
      domain: "",
      inputs: [value.name],
      outputs: [name],
      attributes: {},
    });
    this.outputs.push({ name, type: value.type, shape: value.shape });
  }

  #makeUpName(): string {
    return `_${this.#madeUp++}`;
  }

  #claim(name: string): void {
    if (name === "" || /^_\d+$/.test(name)) throw new GraphError(`"${name}" cannot name an input or output`);
    if (this.#names.has(name))
      throw new GraphError(`the graph already has an input or output named "${name}"`);
    this.#names.add(name);
  }
}

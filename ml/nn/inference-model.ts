/** @file A trained network as an ONNX model that takes the raw columns, strings included, by their names. */
import {
  Graph,
  encodeModel,
  sigmoid,
  concatenateColumns,
  type Parameter,
  type Value,
} from "../graph/index.ts";
import type { Encoding } from "./encoding.ts";
import { appendNetwork } from "./network.ts";

/** The name of the saved model's output. */
export const probabilityOutput = "probability";

/**
 * Encodes a trained network. Inputs are one `[batch, 1]` tensor for each column, float32 or string, in the order of the
 * encoding; the output `probability` is float32 `[batch, 1]`. Standardising and numbering of categories are inside.
 */
export function encodeInferenceModel(encoding: Encoding, parameters: readonly Parameter[]): Uint8Array {
  const graph = new Graph();
  const numeric = encoding.numeric.map(({ name }) => graph.input(name, "float32", ["batch", 1]));
  const categories = encoding.categorical.map(({ name, categories }) =>
    numberCategories(graph, graph.input(name, "string", ["batch", 1]), categories),
  );
  const numbers = numeric.length > 1 ? concatenateColumns(graph, numeric) : numeric[0];
  const constants = parameters.map(({ data, shape }) => graph.constant(data, shape));
  graph.output(
    probabilityOutput,
    sigmoid(graph, appendNetwork(graph, encoding, numbers, categories, constants)),
  );
  return encodeModel(
    graph,
    "Binary classifier. Inputs are raw columns; the output is the positive class's probability.",
  );
}

function numberCategories(graph: Graph, column: Value, categories: readonly string[]): Value {
  const flat = { type: "string", shape: ["batch"] } as const;
  const rows = graph.node("Reshape", [column, graph.constant(BigInt64Array.of(-1n), [1])], flat);
  return graph.node(
    "LabelEncoder",
    [rows],
    { type: "int64", shape: ["batch"] },
    {
      keys_strings: { texts: categories },
      values_int64s: { ints: categories.map((_, index) => index + 1) },
      default_int64: { int: 0 },
    },
    "ai.onnx.ml",
  );
}

import { binaryCrossEntropy, mean, type Graph, type Value } from "../graph/index.ts";
import { categoryInput, labelsInput, numericInput } from "./batches.ts";
import type { Encoding } from "./encoding.ts";
import { appendNetwork } from "./network.ts";

/** Appends a network and its mean loss over a batch, with the inputs that a batch fills. */
export function appendLoss(
  graph: Graph,
  encoding: Encoding,
  parameters: readonly Value[],
  positiveWeight: number,
): Value {
  const width = encoding.numeric.length;
  const numbers = width > 0 ? graph.input(numericInput, "float32", ["batch", width]) : undefined;
  const categories = encoding.categorical.map(({ name }) =>
    graph.input(categoryInput(name), "int64", ["batch"]),
  );
  const labels = graph.input(labelsInput, "float32", ["batch", 1]);
  const logits = appendNetwork(graph, encoding, numbers, categories, parameters);
  return mean(graph, binaryCrossEntropy(graph, logits, labels, positiveWeight));
}

/** @file Recurrent networks: sequences with the batch first, which ONNX Runtime doesn't compute, are turned around. */
import { intAttribute } from "../ops/attributes.ts";
import { applyAll } from "../ops/apply.ts";
import { transpose } from "../ops/shape-ops.ts";
import type { Value } from "../value.ts";
import { defineImport, without } from "./imported-node.ts";

/** Inputs that have batch and first axis exchanged: the sequence and the states. */
const turned = new Set([0, 5, 6]);

defineImport(["LSTM", "GRU", "RNN"], (node) => {
  const { operator, attributes, outputCount } = node;
  const swap = (x: Value | undefined): Value | undefined => x && transpose(x, [1, 0, 2]);
  const isBatchFirst = intAttribute(attributes, "layout", 0) === 1;
  const inputs = isBatchFirst
    ? node.inputs.map((x, index) => (turned.has(index) ? swap(x) : x))
    : node.inputs;
  const outputs = applyAll(operator, inputs, without(attributes, "layout", "output_sequence"), {
    outputCount,
  });
  if (!isBatchFirst) return outputs;
  return outputs.map((output, index) => transpose(output, index === 0 ? [2, 0, 1, 3] : [1, 0, 2]));
});

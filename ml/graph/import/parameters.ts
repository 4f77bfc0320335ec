/** @file Which of a model's stored tensors are weights that training changes. */
import { isFloat } from "../dtype.ts";
import type { OnnxGraph } from "../onnx/model.ts";

/**
 * Inputs of operators that are settings or statistics gathered in training, not weights. What is left out of a list has
 * weights everywhere.
 */
const settings: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [3, 4],
  Clip: [1, 2],
  DequantizeLinear: [1, 2],
  Dropout: [1],
  OneHot: [2],
  Pad: [2],
  QuantizeLinear: [1, 2],
  Range: [0, 1, 2],
  Resize: [1, 2],
  Upsample: [1],
};

/**
 * The names of a graph's initialisers that are parameters: of a floating type, with at least one axis (exporters write
 * the numbers of formulas as scalars), and nowhere used as a setting.
 */
export function parameterNames(graph: OnnxGraph): ReadonlySet<string> {
  const names = new Set(
    graph.initializers
      .filter(({ dtype, shape }) => isFloat(dtype) && shape.length > 0)
      .map(({ name }) => name),
  );
  removeSettings(graph, names);
  return names;
}

function removeSettings({ nodes }: OnnxGraph, names: Set<string>): void {
  for (const { operator, inputs, attributes } of nodes) {
    for (const index of settings[operator] ?? []) names.delete(inputs[index] ?? "");
    for (const attribute of Object.values(attributes))
      if ("graph" in attribute) removeSettings(attribute.graph, names);
  }
}

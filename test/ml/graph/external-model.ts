import type { OnnxModel, OnnxTensor } from "../../../ml/graph/onnx/model.ts";

/** A model with tensors small and large, of several element types, one in a node and one in two places. */
export function externalModel(): OnnxModel {
  const weights: OnnxTensor = {
    name: "weights",
    dtype: "float32",
    shape: [64, 32],
    data: Float32Array.from({ length: 2048 }, (_, index) => index / 3),
  };
  const small: OnnxTensor = {
    name: "small",
    dtype: "float32",
    shape: [32],
    data: new Float32Array(32).fill(0.5),
  };
  const constant: OnnxTensor = {
    name: "",
    dtype: "float64",
    shape: [600],
    data: Float64Array.from({ length: 600 }, (_, index) => -index),
  };
  const node = (operator: string, inputs: string[], output: string): OnnxModel["graph"]["nodes"][number] => ({
    name: "",
    operator,
    domain: "",
    inputs,
    outputs: [output],
    attributes: operator === "Constant" ? { value: { tensor: constant } } : {},
  });
  return {
    irVersion: 8,
    producer: "tenon",
    documentation: "",
    opsets: { "": 17 },
    metadata: {},
    graph: {
      name: "graph",
      nodes: [
        node("Constant", [], "constant"),
        node("Constant", [], "again"),
        node("Add", ["weights", "small"], "y"),
        node("Sub", ["constant", "again"], "z"),
      ],
      inputs: [],
      outputs: [
        { name: "y", dtype: "float32", shape: [64, 32] },
        { name: "z", dtype: "float64", shape: [600] },
      ],
      initializers: [weights, small],
    },
  };
}

/**
 * @file ONNX operators on matrices `[rows, width]` of float32, as functions of a block of rows.
 *
 * A matrix is a place in one memory, of rows of `stride` numbers (a multiple of 4). What an operator computes is what the
 * runtime computes, but that sums are in another order; a graph with any other operator is left to the runtime.
 */
import { dtypeOfOnnx } from "../../../graph/dtype.ts";
import type { OnnxNode, OnnxTensor } from "../../../graph/onnx/model.ts";
import { addBinary, addSoftmax, addUnary } from "./elementwise-steps.ts";
import type { KernelMemory } from "./kernels.ts";
import {
  addMatrix,
  floatOf,
  reserve,
  type Labels,
  type Layer,
  type Matrix,
  type Program,
} from "./matrix-program.ts";
import { addRegressor, addClassifier } from "./tree-steps.ts";

/** Adds an operator's step; false for one that is left to the runtime. */
export function addStep(program: Program, node: OnnxNode): boolean {
  const { operator, inputs, outputs } = node;
  const [output = ""] = outputs;
  const [first, second] = inputs.map((name) => program.matrices.get(name));
  const constant = (at: number): OnnxTensor | undefined => program.constants.get(inputs[at] ?? "");
  const labels = program.labels.get(inputs[0] ?? "");
  if (labels) return aliasOfLabels(program, node, labels);
  switch (operator) {
    case "Identity":
    case "Squeeze":
    case "Unsqueeze":
      return first !== undefined && alias(program, node, first);
    case "MatMul":
      return first !== undefined && addDense(program, output, first, constant(1), undefined, false);
    case "Gemm":
      return first !== undefined && isPlainGemm(node)
        ? addDense(
            program,
            output,
            first,
            constant(1),
            inputs[2] ? constant(2) : undefined,
            isOne(node, "transB"),
          )
        : false;
    case "Relu":
    case "Sigmoid":
    case "Tanh":
    case "Exp":
    case "Neg":
    case "LeakyRelu":
      return first !== undefined && addUnary(program, node, first);
    case "Softmax":
      return first !== undefined && addSoftmax(program, node, first);
    case "Add":
    case "Sub":
    case "Mul":
    case "Div":
      return addBinary(program, node, first, second);
    case "Concat":
      return addConcat(program, node);
    case "TreeEnsembleRegressor":
      return first !== undefined && addRegressor(program, node, first);
    case "TreeEnsembleClassifier":
      return first !== undefined && addClassifier(program, node, first);
    default:
      return false;
  }
}

/** Operators that change how rows of one number are written, and copies. */
function alias(program: Program, { operator, inputs, outputs }: OnnxNode, matrix: Matrix): boolean {
  const axes = program.constants.get(inputs[1] ?? "");
  const [axis] = axes ? Array.from(axes.data, Number) : [];
  if (
    operator !== "Identity" &&
    (matrix.width !== 1 || axes?.data.length !== 1 || (axis !== 1 && axis !== -1))
  )
    return false;
  // Who else uses the value must not get what is put behind its other name.
  if (program.uses.get(inputs[0] ?? "") !== 1) program.layers.delete(matrix);
  program.matrices.set(outputs[0] ?? "", matrix);
  return true;
}

/** Copies of labels, as they are. */
function aliasOfLabels(
  program: Program,
  { operator, attributes, outputs }: OnnxNode,
  labels: Labels,
): boolean {
  const { to } = attributes;
  const dtype = typeof labels.labels[0] === "string" ? "string" : "int64";
  if (operator !== "Identity" && !(operator === "Cast" && to && "int" in to && dtypeOfOnnx(to.int) === dtype))
    return false;
  program.labels.set(outputs[0] ?? "", labels);
  return true;
}

function isOne({ attributes }: OnnxNode, name: string): boolean {
  const attribute = attributes[name];
  return attribute !== undefined && "int" in attribute && attribute.int === 1;
}

function isPlainGemm(node: OnnxNode): boolean {
  return !isOne(node, "transA") && floatOf(node, "alpha", 1) === 1 && floatOf(node, "beta", 1) === 1;
}

function addDense(
  program: Program,
  name: string,
  from: Matrix,
  weights: OnnxTensor | undefined,
  bias: OnnxTensor | undefined,
  isTransposed: boolean,
): boolean {
  if (weights?.dtype !== "float32" || weights.shape.length !== 2) return false;
  const [a = 0, b = 0] = weights.shape;
  const [inputs, width] = isTransposed ? [b, a] : [a, b];
  if (inputs !== from.width || width < 1) return false;
  if (bias && (bias.dtype !== "float32" || bias.data.length !== width)) return false;
  const into = addMatrix(program, name, width);
  const { stride } = into;
  const layer: Layer = { bias: bias?.data, relu: false };
  program.layers.set(into, layer);
  let weightsAt = 0;
  let biasAt = 0;
  reserve(program, inputs * stride, (array) => {
    weightsAt = array.byteOffset;
    for (let input = 0; input < inputs; input++)
      for (let output = 0; output < width; output++)
        array[input * stride + output] =
          weights.data[isTransposed ? output * inputs + input : input * width + output] ?? 0;
  });
  reserve(program, stride, (array) => {
    biasAt = array.byteOffset;
    if (layer.bias) array.set(layer.bias);
  });
  let kernels: KernelMemory["kernels"] | undefined;
  program.bound.push((memory) => (kernels = memory.kernels));
  program.steps.push((rows) =>
    kernels?.dense(
      from.data.byteOffset,
      rows,
      inputs,
      from.stride,
      weightsAt,
      biasAt,
      stride,
      into.data.byteOffset,
      layer.relu,
    ),
  );
  return true;
}

function addConcat(program: Program, { attributes, inputs, outputs }: OnnxNode): boolean {
  const axis = attributes["axis"];
  const parts = inputs.map((name) => program.matrices.get(name));
  if (!(axis && "int" in axis && (axis.int === 1 || axis.int === -1))) return false;
  if (!parts.every((part) => part !== undefined)) return false;
  const into = addMatrix(
    program,
    outputs[0] ?? "",
    parts.reduce((sum, { width }) => sum + width, 0),
  );
  program.steps.push((rows) => {
    for (let row = 0; row < rows; row++) {
      let to = row * into.stride;
      for (const { data, width, stride } of parts)
        for (let at = 0; at < width; at++) into.data[to++] = data[row * stride + at] ?? 0;
    }
  });
  return true;
}

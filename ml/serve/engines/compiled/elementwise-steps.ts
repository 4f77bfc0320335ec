/** @file Operators that give a number for each number of a matrix. */
import type { OnnxNode, OnnxTensor } from "../../../graph/onnx/model.ts";
import { addMatrix, floatOf, onlyUseOfLayer, type Matrix, type Program } from "./matrix-program.ts";

/** Functions of each number alone. */
export function addUnary(program: Program, node: OnnxNode, from: Matrix): boolean {
  const layer = onlyUseOfLayer(program, node.inputs[0], from);
  if (node.operator === "Relu" && layer) {
    layer.relu = true;
    program.matrices.set(node.outputs[0] ?? "", from);
    return true;
  }
  const apply = unaryOf(node);
  const into = addMatrix(program, node.outputs[0] ?? "", from.width);
  program.steps.push((rows) => {
    const [source, target, end] = [from.data, into.data, rows * from.stride];
    for (let at = 0; at < end; at++) target[at] = apply(source[at] ?? 0);
  });
  return true;
}

function unaryOf(node: OnnxNode): (x: number) => number {
  switch (node.operator) {
    case "Relu":
      return (x) => (x < 0 ? 0 : x);
    case "Sigmoid":
      return sigmoid;
    case "Tanh":
      return Math.tanh;
    case "Exp":
      return Math.exp;
    case "Neg":
      return (x) => -x;
    default: {
      const slope = floatOf(node, "alpha", 0.01);
      return (x) => (x < 0 ? slope * x : x);
    }
  }
}

/** `1 / (1 + exp(-x))`. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The softmax of each row. */
export function addSoftmax(program: Program, { attributes, outputs }: OnnxNode, from: Matrix): boolean {
  const axis = attributes["axis"];
  if (axis && !("int" in axis && (axis.int === 1 || axis.int === -1))) return false;
  const into = addMatrix(program, outputs[0] ?? "", from.width);
  program.steps.push((rows) => softmaxOfRows(from, into, rows));
  return true;
}

/** The softmax of rows, into a matrix of the same width or the same matrix. */
export function softmaxOfRows(
  { data: source, width, stride }: Matrix,
  { data: target }: Matrix,
  rows: number,
): void {
  for (let start = 0; start < rows * stride; start += stride) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let at = start; at < start + width; at++) largest = Math.max(largest, source[at] ?? 0);
    let sum = 0;
    for (let at = start; at < start + width; at++) sum += target[at] = Math.exp((source[at] ?? 0) - largest);
    for (let at = start; at < start + width; at++) target[at] = (target[at] ?? 0) / sum;
  }
}

const binaries: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

/** Two matrices of one width, or one and a number or a row of numbers. */
export function addBinary(
  program: Program,
  { operator, inputs, outputs }: OnnxNode,
  first: Matrix | undefined,
  second: Matrix | undefined,
): boolean {
  const matrix = first ?? second;
  const apply = binaries[operator];
  if (!matrix || !apply || (first && second && first.width !== second.width)) return false;
  const { width, stride } = matrix;
  const constant =
    first && second ? undefined : rowOf(program.constants.get(inputs[first ? 1 : 0] ?? ""), matrix);
  if (constant === undefined && !(first && second)) return false;
  const layer = onlyUseOfLayer(program, inputs[first ? 0 : 1], matrix);
  if (operator === "Add" && constant && layer && !layer.bias) {
    layer.bias = constant;
    program.matrices.set(outputs[0] ?? "", matrix);
    return true;
  }
  const into = addMatrix(program, outputs[0] ?? "", width);
  program.steps.push((rows) => {
    const target = into.data;
    for (let start = 0; start < rows * stride; start += stride)
      for (let at = 0; at < width; at++) {
        const a = first ? (first.data[start + at] ?? 0) : (constant?.[at] ?? 0);
        const b = second ? (second.data[start + at] ?? 0) : (constant?.[at] ?? 0);
        target[start + at] = apply(a, b);
      }
  });
  return true;
}

/** A constant as a row of a matrix, which it is broadcast to. */
function rowOf(constant: OnnxTensor | undefined, { width }: Matrix): Float32Array | undefined {
  if (constant?.dtype !== "float32" || constant.shape.length > 2) return undefined;
  if (constant.shape.length === 2 && constant.shape[0] !== 1) return undefined;
  const { data } = constant;
  if (data.length === 1) return new Float32Array(width).fill(data[0] ?? 0);
  return data.length === width ? data : undefined;
}

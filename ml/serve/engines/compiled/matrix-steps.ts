/**
 * @file ONNX operators on matrices `[rows, width]` of float32, as functions of a block of rows.
 *
 * A matrix is a place in one memory, of rows of `stride` numbers (a multiple of 4). What an operator computes is what the
 * runtime computes, but that sums are in another order; a graph with any other operator is left to the runtime.
 */
import type { OnnxNode, OnnxTensor } from "../../../graph/onnx/model.ts";
import { compileForest } from "../../../trees/predictor/compile-forest.ts";
import type { KernelMemory } from "./kernels.ts";
import { forestOfEnsemble } from "./tree-ensemble.ts";

/** Rows that are computed at a time. */
export const blockRows = 64;

/** A matrix of a block. */
export interface Matrix {
  readonly width: number;
  readonly stride: number;
  /** `blockRows` rows; set before the program runs for the first time. */
  data: Float32Array;
}

/** Computes a block of so many rows. */
export type Step = (rows: number) => void;

/** A graph as it is compiled: its matrices, its constants, and what asks for memory once all is known. */
export interface Program {
  readonly matrices: Map<string, Matrix>;
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  readonly steps: Step[];
  /** By how many nodes and outputs each value is used. */
  readonly uses: ReadonlyMap<string, number>;
  /** Layers by the matrix that they write: a sum and a ramp behind one become part of it. */
  readonly layers: Map<Matrix, Layer>;
  /** How many float32 numbers are needed, and who is to be given the memory. */
  numbers: number;
  treeNodes: number;
  readonly bound: ((memory: KernelMemory) => void)[];
}

/** A dense layer, to which a bias and a ramp may be added until the program is bound. */
export interface Layer {
  bias: ArrayLike<number> | undefined;
  relu: boolean;
}

/** A new matrix of the program. */
export function addMatrix(program: Program, name: string, width: number): Matrix {
  const stride = padded(width);
  const matrix: Matrix = { width, stride, data: new Float32Array(0) };
  reserve(program, blockRows * stride, (array) => (matrix.data = array));
  program.matrices.set(name, matrix);
  return matrix;
}

const padded = (width: number): number => Math.ceil(width / 4) * 4;

function reserve(program: Program, numbers: number, use: (array: Float32Array<ArrayBuffer>) => void): void {
  program.numbers += numbers;
  program.bound.push((memory) => use(memory.take(numbers)));
}

/** Adds an operator's step; false for one that is left to the runtime. */
export function addStep(program: Program, node: OnnxNode): boolean {
  const { operator, inputs, outputs } = node;
  const [output = ""] = outputs;
  const [first, second] = inputs.map((name) => program.matrices.get(name));
  const constant = (at: number): OnnxTensor | undefined => program.constants.get(inputs[at] ?? "");
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
      return first !== undefined && addTrees(program, node, first);
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

function isOne({ attributes }: OnnxNode, name: string): boolean {
  const attribute = attributes[name];
  return attribute !== undefined && "int" in attribute && attribute.int === 1;
}

function floatOf({ attributes }: OnnxNode, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute && "float" in attribute ? attribute.float : otherwise;
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

function addUnary(program: Program, node: OnnxNode, from: Matrix): boolean {
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

/** The layer that a value is of, where nothing else uses the value and nothing was put behind it that comes later. */
function onlyUseOfLayer(program: Program, name: string | undefined, matrix: Matrix): Layer | undefined {
  const layer = program.layers.get(matrix);
  return layer && !layer.relu && program.uses.get(name ?? "") === 1 ? layer : undefined;
}

function unaryOf(node: OnnxNode): (x: number) => number {
  switch (node.operator) {
    case "Relu":
      return (x) => (x < 0 ? 0 : x);
    case "Sigmoid":
      return (x) => 1 / (1 + Math.exp(-x));
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

function addSoftmax(program: Program, { attributes, outputs }: OnnxNode, from: Matrix): boolean {
  const axis = attributes["axis"];
  if (axis && !("int" in axis && (axis.int === 1 || axis.int === -1))) return false;
  const into = addMatrix(program, outputs[0] ?? "", from.width);
  const { width, stride } = from;
  program.steps.push((rows) => {
    const [source, target] = [from.data, into.data];
    for (let start = 0; start < rows * stride; start += stride) {
      let largest = Number.NEGATIVE_INFINITY;
      for (let at = start; at < start + width; at++) largest = Math.max(largest, source[at] ?? 0);
      let sum = 0;
      for (let at = start; at < start + width; at++)
        sum += target[at] = Math.exp((source[at] ?? 0) - largest);
      for (let at = start; at < start + width; at++) target[at] = (target[at] ?? 0) / sum;
    }
  });
  return true;
}

const binaries: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

/** Two matrices of one width, or one and a number or a row of numbers. */
function addBinary(
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

function addTrees(program: Program, node: OnnxNode, from: Matrix): boolean {
  const forest = forestOfEnsemble(node, from.width);
  if (!forest) return false;
  const predictor = compileForest(forest);
  program.treeNodes += forest.rules.length;
  const { outputs } = forest;
  const { width, stride } = from;
  const into = addMatrix(program, node.outputs[0] ?? "", outputs);
  const sums = new Float64Array(blockRows * outputs);
  // The predictor takes rows one after the other.
  const packed = stride === width ? undefined : new Float32Array(blockRows * width);
  program.steps.push((rows) => {
    if (packed)
      for (let row = 0; row < rows; row++)
        packed.set(from.data.subarray(row * stride, row * stride + width), row * width);
    predictor.predictMargins(packed ?? from.data, rows, sums);
    for (let row = 0; row < rows; row++)
      for (let at = 0; at < outputs; at++) into.data[row * into.stride + at] = sums[row * outputs + at] ?? 0;
  });
  return true;
}

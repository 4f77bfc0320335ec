/**
 * @file A graph on matrices `[rows, width]` of float32 while it is compiled: where its values stand in one memory.
 *
 * A matrix is of rows of `stride` numbers, a multiple of 4; of a block of rows at a time.
 */
import type { OnnxNode, OnnxTensor } from "../../../graph/onnx/model.ts";
import type { KernelMemory } from "./kernels.ts";

/** Rows that are computed at a time. */
export const blockRows = 64;

/** A matrix of a block. */
export interface Matrix {
  readonly width: number;
  readonly stride: number;
  /** `blockRows` rows; set before the program runs for the first time. */
  data: Float32Array;
}

/** Values that are labels: a matrix of one column has their places in the list. */
export interface Labels {
  readonly matrix: Matrix;
  readonly labels: readonly string[] | readonly bigint[];
}

/** Computes a block of so many rows. */
export type Step = (rows: number) => void;

/** A graph as it is compiled: its matrices, its constants, and what asks for memory once all is known. */
export interface Program {
  readonly matrices: Map<string, Matrix>;
  readonly labels: Map<string, Labels>;
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

/** Asks for room, which is there when all of the program is known. */
export function reserve(
  program: Program,
  numbers: number,
  use: (array: Float32Array<ArrayBuffer>) => void,
): void {
  program.numbers += numbers;
  program.bound.push((memory) => use(memory.take(numbers)));
}

/** The layer that a value is of, where nothing else uses the value and no ramp was put behind it. */
export function onlyUseOfLayer(
  program: Program,
  name: string | undefined,
  matrix: Matrix,
): Layer | undefined {
  const layer = program.layers.get(matrix);
  return layer && !layer.relu && program.uses.get(name ?? "") === 1 ? layer : undefined;
}

/** An attribute of a node that is a number; `otherwise` where it is absent. */
export function floatOf({ attributes }: OnnxNode, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute && "float" in attribute ? attribute.float : otherwise;
}

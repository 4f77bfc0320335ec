/**
 * @file A graph of dense layers, trees and what goes between them, of one input `[rows, width]`, as functions that answer at
 * once: right for networks so small that a call of the runtime takes longer than they do.
 */
import type { OnnxGraph, OnnxTensor } from "../../../graph/onnx/model.ts";
import type { InferenceTensor, TensorElements } from "../../inference.ts";
import type { ModelInputs } from "../../plan/model-inputs.ts";
import type { ModelPlan, OutputPlan } from "../../plan/model-plan.ts";
import type { Engine } from "../engine.ts";
import { KernelMemory } from "./kernels.ts";
import { addMatrix, blockRows, type Labels, type Matrix, type Program } from "./matrix-program.ts";
import { addStep } from "./matrix-steps.ts";

/** Larger models gain more from the runtime's threads than they lose by its calls. */
const mostWeights = 2_000_000;

/** About what a node of a tree takes, in the forest and in the predictor's tables. */
const bytesOfNode = 64;

interface Output {
  readonly plan: OutputPlan;
  readonly matrix: Matrix;
  /** What the numbers of the matrix stand for, where they are places of labels. */
  readonly labels: Labels["labels"] | undefined;
}

/** A compiled graph. */
export class GraphEngine implements Engine {
  readonly platform = "tenon_compiled";
  readonly bytes: number;
  readonly #input: Matrix;
  readonly #steps: Program["steps"];
  readonly #outputs: readonly Output[];

  private constructor(program: Program, input: Matrix, outputs: readonly Output[]) {
    const memory = new KernelMemory(program.numbers);
    for (const bind of program.bound) bind(memory);
    this.#input = input;
    this.#steps = program.steps;
    this.#outputs = outputs;
    this.bytes = program.numbers * 4 + program.treeNodes * bytesOfNode;
  }

  /** The engine of a graph; undefined where a part of it is left to the runtime. */
  static compile(plan: ModelPlan, graph: OnnxGraph): GraphEngine | undefined {
    const [input, another] = plan.inputs;
    const [width = 0, more] = input?.shape ?? [];
    if (!input || another || input.datatype !== "FP32" || width < 1 || more !== undefined) return undefined;
    const constants = new Map<string, OnnxTensor>(graph.initializers.map((each) => [each.name, each]));
    if (graph.initializers.reduce((sum, { data }) => sum + data.length, 0) > mostWeights) return undefined;
    const uses = new Map<string, number>();
    for (const name of [
      ...graph.nodes.flatMap(({ inputs }) => inputs),
      ...graph.outputs.map((each) => each.name),
    ])
      uses.set(name, (uses.get(name) ?? 0) + 1);
    const program: Program = {
      matrices: new Map(),
      labels: new Map(),
      constants,
      steps: [],
      uses,
      layers: new Map(),
      numbers: 0,
      treeNodes: 0,
      bound: [],
    };
    const from = addMatrix(program, input.name, width);
    for (const node of graph.nodes) if (!addStep(program, node)) return undefined;
    const outputs: Output[] = [];
    for (const output of plan.outputs) {
      const labelled = program.labels.get(output.name);
      const matrix = labelled?.matrix ?? program.matrices.get(output.name);
      const [columns = 1, rest] = output.shape;
      const datatype = labelled ? (typeof labelled.labels[0] === "string" ? "BYTES" : "INT64") : "FP32";
      if (!matrix || output.datatype !== datatype || rest !== undefined) return undefined;
      if (matrix.width !== columns && columns !== -1) return undefined;
      outputs.push({ plan: output, matrix, labels: labelled?.labels });
    }
    return new GraphEngine(program, from, outputs);
  }

  run({ rows, tensors }: ModelInputs): readonly InferenceTensor[] {
    const given = tensors[0];
    const { width, stride, data } = this.#input;
    const found = this.#outputs.map(({ matrix }) => new Float32Array(rows * matrix.width));
    if (!(given instanceof Float32Array)) return [];
    for (let first = 0; first < rows; first += blockRows) {
      const count = Math.min(blockRows, rows - first);
      if (stride === width) data.set(given.subarray(first * width, (first + count) * width));
      else
        for (let row = 0; row < count; row++)
          data.set(given.subarray((first + row) * width, (first + row + 1) * width), row * stride);
      for (const step of this.#steps) step(count);
      for (let at = 0; at < found.length; at++) copyRows(this.#outputs[at]?.matrix, count, found[at], first);
    }
    return this.#outputs.map(({ plan, matrix, labels }, at) => ({
      name: plan.name,
      datatype: plan.datatype,
      shape: plan.shape.length === 0 ? [rows] : [rows, matrix.width],
      data: (labels ? labelled(found[at], labels) : found[at]) ?? [],
    }));
  }

  async close(): Promise<void> {}
}

function labelled(places: Float32Array = new Float32Array(0), labels: Labels["labels"]): TensorElements {
  if (typeof labels[0] === "string") return Array.from(places, (place) => String(labels[place] ?? ""));
  return BigInt64Array.from(places, (place) => BigInt(labels[place] ?? 0));
}

function copyRows(
  matrix: Matrix | undefined,
  count: number,
  into: Float32Array | undefined,
  first: number,
): void {
  if (!matrix || !into) return;
  const { width, stride, data } = matrix;
  let to = first * width;
  for (let row = 0; row < count; row++)
    for (let at = 0; at < width; at++) into[to++] = data[row * stride + at] ?? 0;
}

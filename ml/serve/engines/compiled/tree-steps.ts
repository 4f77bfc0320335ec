/** @file ONNX's tree ensembles on matrices: the forest's kernels, and what becomes of its sums. */
import type { OnnxNode } from "../../../graph/onnx/model.ts";
import type { Forest } from "../../../trees/forest.ts";
import { compileForest } from "../../../trees/predictor/compile-forest.ts";
import { sigmoid, softmaxOfRows } from "./elementwise-steps.ts";
import { addMatrix, blockRows, type Matrix, type Program } from "./matrix-program.ts";
import { classifierOfTrees, forestOfRegressor, type TreeClassifier } from "./tree-ensemble.ts";

/** Sums of trees; false for an ensemble that is left to the runtime. */
export function addRegressor(program: Program, node: OnnxNode, from: Matrix): boolean {
  const forest = forestOfRegressor(node, from.width);
  if (!forest) return false;
  const sum = sumsOf(program, forest, from);
  const into = addMatrix(program, node.outputs[0] ?? "", forest.outputs);
  program.steps.push((rows) => writeRows(sum(rows), rows, into));
  return true;
}

/** Labels and scores of classes, as ONNX Runtime gives them; false for an ensemble that is left to it. */
export function addClassifier(program: Program, node: OnnxNode, from: Matrix): boolean {
  const classifier = classifierOfTrees(node, from.width);
  if (!classifier) return false;
  const { forest, labels, link, sums, limit } = classifier;
  const sum = sumsOf(program, forest, from);
  const [label = "", score = ""] = node.outputs;
  const chosen = addMatrix(program, `labels ${label}`, 1);
  const scores = addMatrix(program, score, labels.length);
  program.labels.set(label, { matrix: chosen, labels });
  // Beside the only sum of two classes, a share has the rest of 1 and a margin its negative, and neither has a softmax.
  const applied = sums === "first" && link === "softmax" ? "identity" : link;
  const beside = sums === "second" ? 0 : limit > 0 && link !== "logistic" ? "rest" : "negative";
  program.steps.push((rows) => {
    if (sums === "all") writeRows(sum(rows), rows, scores);
    else writePairs(sum(rows), rows, scores, beside);
    for (let row = 0; row < rows; row++) chosen.data[row * chosen.stride] = classOf(scores, row, limit);
    applyLink(applied, scores, rows);
  });
  return true;
}

/** One sum as the score of the second of two classes, and what the first has beside it. */
function writePairs(
  sums: Float64Array,
  rows: number,
  { data, stride }: Matrix,
  beside: "rest" | "negative" | 0,
): void {
  for (let row = 0; row < rows; row++) {
    const second = Math.fround(sums[row] ?? 0);
    data[row * stride] = beside === "rest" ? 1 - second : beside === "negative" ? -second : 0;
    data[row * stride + 1] = second;
  }
}

/** The sums of a block's rows, one row after the other. */
function sumsOf(program: Program, forest: Forest, from: Matrix): (rows: number) => Float64Array {
  const predictor = compileForest(forest);
  program.treeNodes += forest.rules.length;
  const { width, stride } = from;
  const sums = new Float64Array(blockRows * forest.outputs);
  // The predictor takes rows one after the other.
  const packed = stride === width ? undefined : new Float32Array(blockRows * width);
  return (rows) => {
    if (packed)
      for (let row = 0; row < rows; row++)
        packed.set(from.data.subarray(row * stride, row * stride + width), row * width);
    predictor.predictMargins(packed ?? from.data, rows, sums);
    return sums;
  };
}

function writeRows(values: Float64Array, rows: number, { data, width, stride }: Matrix): void {
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < width; at++) data[row * stride + at] = values[row * width + at] ?? 0;
}

/** The class of a row: of two the second where it is above the limit; of more the first of the largest. */
function classOf({ data, width, stride }: Matrix, row: number, limit: number): number {
  const start = row * stride;
  if (width === 2) return Number((data[start + 1] ?? 0) > limit);
  let most = 0;
  for (let at = 1; at < width; at++) if ((data[start + at] ?? 0) > (data[start + most] ?? 0)) most = at;
  return most;
}

function applyLink(link: TreeClassifier["link"], scores: Matrix, rows: number): void {
  if (link === "softmax") softmaxOfRows(scores, scores, rows);
  else if (link === "logistic") {
    const { data } = scores;
    for (let at = 0; at < rows * scores.stride; at++) data[at] = sigmoid(data[at] ?? 0);
  }
}

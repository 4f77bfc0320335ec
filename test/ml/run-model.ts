/** @file Models run by ONNX Runtime, as whoever serves them would. */
import assert from "node:assert/strict";
import type { DenseMatrix } from "../../ml/dense-matrix.ts";
import type { ClassificationModel, FeatureTensor } from "../../ml/estimator.ts";
import { toOnnx } from "../../ml/graph/export-onnx.ts";
import { Session } from "../../ml/graph/runtime/session.ts";
import { tensorData, type TensorData } from "../../ml/graph/runtime/tensor-data.ts";
import type { Tensor } from "../../ml/graph/tensor.ts";
import { assertCloseTo } from "./close-to.ts";

/** What a model's program gives for rows, output by output. */
export async function runModel(
  trace: (features: FeatureTensor) => object,
  { data, rows, columns }: DenseMatrix,
): Promise<Readonly<Record<string, TensorData>>> {
  const width = columns.length;
  const bytes = toOnnx(({ features }) => ({ ...(trace(features) as Readonly<Record<string, Tensor>>) }), {
    features: { dtype: "float32", shape: ["rows", width] },
  });
  await using session = await Session.create(bytes);
  const outputs = Object.fromEntries(session.outputNames.map((name) => [name, null]));
  return await session.run(
    { features: tensorData("float32", Float32Array.from(data), [rows, width]) },
    outputs,
  );
}

/** The numbers of an output. */
export function numbersOf(output: TensorData | undefined): number[] {
  assert.ok(output !== undefined && output.dtype !== "string");
  return Array.from(output.data, Number);
}

/** Throws unless a classification's ONNX model tells the same classes and, within 1e-5, probabilities for each row. */
export async function assertSameAsOnnx(model: ClassificationModel, rows: DenseMatrix): Promise<void> {
  const { label, probabilities } = await runModel((features) => model.trace(features), rows);
  assertCloseTo(numbersOf(probabilities), await model.predictProbabilities(rows), 1e-5, "probabilities");
  const labels = await model.predict(rows);
  if (label?.dtype === "string") assert.deepEqual([...label.data], labels);
  else assert.deepEqual(numbersOf(label), labels.map(Number));
}

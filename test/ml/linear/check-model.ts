/** @file What holds for every fitted linear model: it predicts as its tensor program, its compiled form and its JSON do. */
import assert from "node:assert/strict";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import { Session, toOnnx } from "../../../ml/graph/index.ts";
import {
  compileLinear,
  LinearRegressionModel,
  loadLinear,
  type LinearClassificationModel,
} from "../../../ml/linear/index.ts";
import { assertCloseTo } from "../close-to.ts";

/** How far float32 outputs may be apart, of their size where that is above 1. */
const tolerance = 1e-6;

/** The outputs of a model's ONNX file for rows of float32. */
export async function runOnnx(
  model: LinearRegressionModel | LinearClassificationModel,
  rows: DenseMatrix,
): Promise<Readonly<Record<string, ArrayLike<number | bigint | string>>>> {
  const file = toOnnx(({ features }) => ({ ...model.trace(features) }), {
    features: { dtype: "float32", shape: ["rows", rows.columns.length] },
  });
  await using session = await Session.create(file);
  const shape = [rows.rows, rows.columns.length];
  const outputs = await session.run(
    { features: { dtype: "float32", shape, data: Float32Array.from(rows.data) } },
    Object.fromEntries(session.outputNames.map((name) => [name, null])),
  );
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
}

/** Asserts that all forms of a model agree on rows of float32. */
export async function checkForms(
  model: LinearRegressionModel | LinearClassificationModel,
  rows: DenseMatrix,
): Promise<void> {
  const again = loadLinear(JSON.parse(JSON.stringify(model)));
  assert.deepEqual(again.toJSON(), model.toJSON());
  const graph = await runOnnx(model, rows);
  const single = Float32Array.from(rows.data);
  if (model instanceof LinearRegressionModel) {
    const predicted = await model.predict(rows);
    assert.deepEqual(await again.predict(rows), predicted);
    assertRelative(numbersOf(graph["prediction"]), predicted);
    assertRelative(compileLinear(model).predict(single), numbersOf(graph["prediction"]));
    return;
  }
  const predicted = await model.predict(rows);
  const probabilities = await model.predictProbabilities(rows);
  assert.deepEqual(await again.predict(rows), predicted);
  const labels = Array.from(graph["label"] ?? [], (label) =>
    typeof label === "bigint" ? Number(label) : label,
  );
  assert.deepEqual(
    labels,
    predicted.map((label) => (typeof label === "boolean" ? Number(label) : label)),
  );
  assertCloseTo(numbersOf(graph["probabilities"]), probabilities, tolerance, "probabilities");
  const compiled = compileLinear(model);
  assert.deepEqual(compiled.predict(single), predicted);
  assertCloseTo(compiled.predictProbabilities(single), numbersOf(graph["probabilities"]), 1e-7);
}

function assertRelative(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const sizes = Array.from(expected, (value) => Math.max(1, Math.abs(value)));
  assertCloseTo(
    Array.from(actual, (value, at) => value / (sizes[at] ?? 1)),
    Array.from(expected, (value, at) => value / (sizes[at] ?? 1)),
    tolerance,
    "predictions",
  );
}

function numbersOf(data: ArrayLike<number | bigint | string> | undefined): number[] {
  return Array.from(data ?? [], Number);
}

/** @file 200 steps of Adam from the weights and on the batches that PyTorch was given, compared loss by loss. */
import assert from "node:assert/strict";
import { exp, log, multiply, relu, subtract } from "../../ml/graph/ops/elementwise.ts";
import { gemm } from "../../ml/graph/ops/matmul.ts";
import { max, mean, sum } from "../../ml/graph/ops/reduce.ts";
import { type Loss, TrainingSession } from "../../ml/graph/training-session.ts";
import { input, stopGradient, type Value } from "../../ml/graph/value.ts";
import { assertCloseTo } from "./close-to.ts";
import { type TrainingCurve, curveBatches, initialParameters, trainingCurves } from "./training-curves.ts";

const total = (numbers: Iterable<number>): number => [...numbers].reduce((sum, each) => sum + each, 0);

function caseNamed(wanted: string): TrainingCurve {
  const found = trainingCurves.cases.find(({ name }) => name === wanted);
  assert.ok(found, `no case "${wanted}" is recorded`);
  return found;
}

describe("training curves: what PyTorch was given", () => {
  for (const curve of trainingCurves.cases) {
    it(`${curve.name}: the same initial weights`, () => {
      const parameters = initialParameters(curve);
      assertCloseTo(
        parameters.map(({ data }) => total(data)),
        curve.parameterSums,
        1e-9,
        "sum of a parameter",
      );
    });

    it(`${curve.name}: the same batches`, () => {
      const batches = curveBatches(curve);
      assertCloseTo(
        batches.map(({ x }) => total(x)),
        curve.batchSums,
        1e-9,
        "sum of a batch",
      );
      assert.deepEqual(
        batches.map(({ labels }) => total(labels)),
        curve.labelSums,
      );
    });
  }
});

describe("training curves, against PyTorch", () => {
  it("mlp: every loss of 200 steps within 1e-3", async () => {
    const curve = caseNamed("mlp");
    const parameters = initialParameters(curve);
    await using session = await TrainingSession.create(perceptron, parameters);
    const losses: number[] = [];
    for (const { x, labels } of curveBatches(curve)) {
      assert.ok(x instanceof Float32Array);
      const targets = new Float32Array(labels.length * 3);
      for (const [row, label] of labels.entries()) targets[row * 3 + label] = 1;
      const batch = {
        x: { dtype: "float32", data: x, shape: [32, 20] },
        targets: { dtype: "float32", data: targets, shape: [32, 3] },
      } as const;
      losses.push(await session.step(batch, trainingCurves.learningRate));
    }
    assertCloseTo(losses, curve.losses, 1e-3, "loss");
  });
});

/** Layers of weights [outputs, inputs] and biases with ReLU between them, and the mean cross-entropy of their logits. */
function perceptron(parameters: readonly Value[]): Loss {
  const x = input("x", "float32", [32, 20]);
  const targets = input("targets", "float32", [32, 3]);
  let layer: Value = x;
  for (let index = 0; index < parameters.length; index += 2) {
    const [weight, bias] = parameters.slice(index, index + 2);
    assert.ok(weight && bias);
    layer = gemm(index === 0 ? layer : relu(layer), weight, bias, { transposeB: true });
  }
  const shifted = subtract(layer, stopGradient(max(layer, { axes: 1, keepAxes: true })));
  const logs = subtract(log(sum(exp(shifted), { axes: 1 })), sum(multiply(shifted, targets), { axes: 1 }));
  return { inputs: [x, targets], loss: mean(logs) };
}

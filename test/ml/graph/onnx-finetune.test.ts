/** @file Models that PyTorch exported: what they compute, trained further, and exported again. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { arrayOfNumbers, constant } from "../../../ml/graph/value.ts";
import {
  crossEntropy,
  decodeOnnx,
  GraphError,
  importOnnx,
  toOnnx,
  type ImportedModel,
  Tensor,
} from "../../../ml/graph/index.ts";
import { dataset, fit, sgd } from "../../../ml/nn/index.ts";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";
import { assertNormClose } from "./norm-close.ts";

const packed = v.object({
  dtype: v.picklist(["float32", "float64", "int64"]),
  shape: v.array(v.number()),
  data: v.array(v.number()),
});
const reference = readReference(
  "onnx-finetune",
  v.object({
    torch: v.string(),
    steps: v.number(),
    learningRate: v.number(),
    momentum: v.number(),
    cases: v.array(
      v.object({
        name: v.string(),
        model: v.string(),
        x: packed,
        classes: packed,
        outputs: packed,
        losses: v.array(v.number()),
      }),
    ),
  }),
);

const tensorOf = ({ dtype, shape, data }: v.InferOutput<typeof packed>): Tensor =>
  new Tensor(constant(dtype, arrayOfNumbers(dtype, data), shape));

function scoresOf(model: ImportedModel, parameters: ImportedModel["parameters"], x: Tensor): Tensor {
  const { scores } = model.apply(parameters, { x });
  assert.ok(scores);
  return scores;
}

describe("A model that PyTorch exported", () => {
  for (const { name, ...each } of reference.cases) {
    const model = importOnnx(decodeOnnx(Buffer.from(each.model, "base64")));
    const [x, classes] = [tensorOf(each.x), tensorOf(each.classes)];

    it(`computes what it computed in PyTorch: ${name}`, async () => {
      const scores = scoresOf(model, model.parameters, x);
      assert.deepEqual(scores.shape, each.outputs.shape);
      assertNormClose(await scores.data(), each.outputs.data, 1e-5);
    });

    it(`trains as in PyTorch, and leaves as a model that computes the same: ${name}`, async () => {
      const { parameters, history } = await fit({
        parameters: model.parameters,
        loss: (parameters, batch: { readonly x: Tensor; readonly classes: Tensor }) =>
          crossEntropy(scoresOf(model, parameters, batch.x), batch.classes),
        data: dataset<{ readonly x: Tensor; readonly classes: Tensor }>({ x, classes }),
        optimizer: sgd({ momentum: reference.momentum }),
        learningRate: reference.learningRate,
        epochs: reference.steps,
        batchSize: 64,
      });
      assertCloseTo(
        history.map(({ loss }) => loss),
        each.losses,
        1e-3,
        "losses",
      );
      const again = importOnnx(decodeOnnx(toOnnx((inputs) => model.apply(parameters, inputs), model.inputs)));
      assert.deepEqual(again.inputs, model.inputs);
      const [before, after] = [scoresOf(model, parameters, x), scoresOf(again, again.parameters, x)];
      assertNormClose(await after.data(), Array.from(await before.data(), Number), 1e-6);
    });
  }

  it("has errors for inputs and parameters that it does not take", () => {
    const [first] = reference.cases;
    assert.ok(first);
    const model = importOnnx(decodeOnnx(Buffer.from(first.model, "base64")));
    const x = tensorOf(first.x);
    const fails = (
      parameters: ImportedModel["parameters"],
      inputs: Record<string, Tensor>,
      message: RegExp,
    ): void => {
      assert.throws(
        () => model.apply(parameters, inputs),
        (error) => error instanceof GraphError && message.test(error.message),
      );
    };
    fails(model.parameters, {}, /input "x" is missing/);
    fails(model.parameters, { x, y: x }, /no input "y", only "x"/);
    fails(
      model.parameters,
      { x: x.reshape([64, 64]) },
      /input "x" is float32 \[batch, 1, 8, 8\], not float32 \[64, 64\]/,
    );
    fails({}, { x }, /parameter ".*" is missing/);
  });
});

import assert from "node:assert/strict";
import { fromData, isNaN, maskedFill, normalLike, tensor, type Tree } from "../../../ml/graph/index.ts";
import {
  adam,
  dataset,
  fit,
  sgd,
  stream,
  TrainingDivergedError,
  type FitSettings,
  type NonFiniteOrigin,
} from "../../../ml/nn/index.ts";

const here = /^test.ml.nn.divergence\.test\.ts:\d+:\d+$/;

/** What a fit that must diverge says. */
async function divergence<P extends Tree, T extends Tree>(
  settings: Pick<FitSettings<P, T>, "parameters" | "loss" | "data"> & Partial<FitSettings<P, T>>,
): Promise<TrainingDivergedError> {
  const all = { optimizer: adam(), learningRate: 0.1, epochs: 1, batchSize: 2, ...settings };
  const error: unknown = await fit(all).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TrainingDivergedError, String(error));
  return error;
}

function assertOperator(
  origin: NonFiniteOrigin | undefined,
  expected: { readonly operator: string; readonly shape: readonly number[]; readonly holds: string },
): void {
  assert.ok(origin?.kind === "operator", JSON.stringify(origin));
  const { operator, shape, holds, place } = origin;
  assert.deepEqual({ operator, shape, holds }, expected);
  assert.match(place ?? "", here);
}

const slope = (value: number) => ({ slope: tensor(value) });

describe("training that diverges", () => {
  it("says which row of the data is not finite, whatever the order of rows", async () => {
    const x = Float32Array.from({ length: 40 }, (_, index) => (index === 27 ? Number.NaN : 1));
    const { message, origin, epoch, step } = await divergence({
      parameters: slope(1),
      loss: ({ slope: factor }, { x: batch }) => factor.mul(batch).square().mean(),
      data: dataset({ x: fromData("float32", x, [20, 2]) }),
    });
    assert.deepEqual(origin, { kind: "data", name: "x", row: 13, holds: "NaN" });
    assert.match(
      message,
      /^the loss became NaN in step \d+ of epoch 1, where "x" holds NaN in row 13 of the data: leave such rows out/,
    );
    assert.equal(epoch, 1);
    assert.ok(step >= 1 && step <= 10);
  });

  it("says which row of a streamed batch is infinite", async () => {
    const batch = { x: fromData("float32", Float32Array.of(1, 2, Number.NEGATIVE_INFINITY), [3]) };
    const { message, origin } = await divergence({
      parameters: slope(1),
      loss: ({ slope: factor }, { x }) => factor.mul(x).square().mean(),
      data: stream({ batches: 1, open: () => [batch] }),
    });
    assert.deepEqual(origin, { kind: "data", name: "x", row: 2, holds: "-Infinity" });
    assert.match(message, /in row 2 of the batch/);
  });

  it("names the first operator that gives NaN, with its shape and the line", async () => {
    const x = fromData("float32", Float32Array.of(4, 9, -1, 16), [4, 1]);
    const { message, origin } = await divergence({
      parameters: slope(2),
      loss: ({ slope: factor }, { x: batch }) => batch.sqrt().mul(factor).exp().mean(),
      data: dataset({ x }),
      batchSize: 4,
    });
    assertOperator(origin, { operator: "Sqrt", shape: [4, 1], holds: "NaN" });
    assert.match(message, /Sqrt of float32 \[4, 1\], applied at .*divergence\.test\.ts:\d+:\d+, gave NaN/);
  });

  it("follows NaN to the overflow that it is made of", async () => {
    const { message, origin } = await divergence({
      parameters: slope(100),
      loss: ({ slope: factor }, batch) => {
        const grown = factor.mul(batch).exp();
        return grown.div(grown.add(1)).mean();
      },
      data: dataset(tensor([1, 2])),
    });
    assertOperator(origin, { operator: "Div", shape: [2], holds: "NaN" });
    assert.match(
      message,
      /Div of .* gave NaN from infinity: Exp of float32 \[2\], applied at .* gave Infinity/,
    );
  });

  it("is not misled by what a mask leaves out", async () => {
    const { origin } = await divergence({
      parameters: slope(0),
      loss: ({ slope: factor }, batch) => {
        const cleaned = maskedFill(batch, isNaN(batch), 0);
        return cleaned.div(factor).mean();
      },
      data: dataset(fromData("float32", Float32Array.of(1, Number.NaN), [2])),
    });
    assertOperator(origin, { operator: "Div", shape: [2], holds: "NaN" });
  });

  it("finds a gradient that is not finite though the loss is", async () => {
    const { message, origin } = await divergence({
      parameters: slope(0),
      loss: ({ slope: factor }, batch) => factor.abs().sqrt().mul(batch).mean(),
      data: dataset(tensor([1, 2])),
    });
    assert.ok(origin?.kind === "operator", message);
    assert.match(origin.place ?? "", here);
    assert.match(message, /^the gradient of "slope" is not finite in step 1 of epoch 1, where /);
  });

  it("names a parameter that has grown beyond all bounds, and the rate", async () => {
    const { message, origin } = await divergence({
      parameters: slope(Number.POSITIVE_INFINITY),
      loss: ({ slope: factor }, batch) => factor.mul(batch).mean(),
      data: dataset(tensor([1, 2])),
    });
    assert.deepEqual(origin, { kind: "parameter", name: "slope", holds: "Infinity" });
    assert.match(message, /the parameter "slope" holds Infinity: try a lower learning rate than 0\.1/);
  });

  it("draws the step's own noise when it looks again", async () => {
    const { origin, step } = await divergence({
      parameters: slope(1),
      loss: ({ slope: factor }, batch) => {
        const noise = normalLike(batch);
        return factor.mul(noise.sub(1.5).neg().log()).mul(batch).mean();
      },
      data: dataset(tensor(Array.from({ length: 400 }, () => 1))),
      optimizer: sgd(),
      learningRate: 1e-6,
    });
    assert.ok(step > 1, `step ${step}`);
    assertOperator(origin, { operator: "Log", shape: [2], holds: "NaN" });
  });
});

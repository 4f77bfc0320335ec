import assert from "node:assert/strict";
import { fromData, randn, stopGradient, tensor, type Tensor } from "../../../ml/graph/index.ts";
import {
  adam,
  dataset,
  fit,
  linear,
  relu,
  sequential,
  sgd,
  stream,
  type Epoch,
  type FitSettings,
} from "../../../ml/nn/index.ts";
import { assertCloseTo } from "../close-to.ts";

const x = randn([300, 5], { seed: 1 });
const weight = randn([5, 1], { seed: 2 });
const y = x.matmul(weight).tanh();
const data = dataset({ x, y });
const model = sequential(linear(5, 16), relu(), linear(16, 1));
type Parameters = ReturnType<typeof model.init>;
type Rows = { readonly x: typeof x; readonly y: Tensor<readonly [300, 1], "float32"> };

const settings: FitSettings<Parameters, Rows> = {
  parameters: model.init(3),
  loss: (parameters, batch) => {
    const difference = model.apply(parameters, batch.x).sub(batch.y);
    return { loss: difference.square().mean(), error: difference.abs().mean() };
  },
  data,
  optimizer: adam(),
  learningRate: 0.01,
  epochs: 5,
  batchSize: 64,
};

async function numbers(parameters: Parameters): Promise<number[]> {
  const all = [parameters[0].weight, parameters[0].bias, parameters[2].weight, parameters[2].bias];
  const arrays = await Promise.all(all.map((each: Tensor) => each.data()));
  return arrays.flatMap((array) => Array.from(array, Number));
}

describe("fit", () => {
  it("lowers the loss, and tells each epoch's means", async () => {
    const epochs: Epoch[] = [];
    const { history } = await fit({
      ...settings,
      validation: data,
      epochs: 20,
      onEpoch: (epoch) => void epochs.push(epoch),
    });
    assert.deepEqual(epochs, history);
    assert.deepEqual(
      history.map(({ epoch }) => epoch),
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    const [first, last] = [history[0], history.at(-1)];
    assert.ok(first && last && last.loss < first.loss / 4, `${first?.loss} to ${last?.loss}`);
    assert.ok((last.metrics["error"] ?? 1) < (first.metrics["error"] ?? 0));
    assert.equal(last.learningRate, 0.01);
  });

  it("measures the validation rows as the loss itself has them, the smaller last batch included", async () => {
    const { parameters, history } = await fit({ ...settings, validation: data, epochs: 2 });
    const difference = model.apply(parameters, x).sub(y);
    const validation = history.at(-1)?.validation;
    assertCloseTo([validation?.loss ?? 0], [await difference.square().mean().item()], 1e-6);
    assertCloseTo([validation?.metrics["error"] ?? 0], [await difference.abs().mean().item()], 1e-6);
  });

  it("gives the same for the same seed, bit for bit, and another for another", async () => {
    const [first, second, other] = await Promise.all(
      [7, 7, 8].map(async (seed) => numbers((await fit({ ...settings, seed })).parameters)),
    );
    assert.deepEqual(first, second);
    assert.notDeepEqual(first, other);
  });

  it("does not change the parameters that it begins with", async () => {
    const before = await numbers(settings.parameters);
    await fit(settings);
    assert.deepEqual(await numbers(settings.parameters), before);
  });

  it("a step of plain gradient descent is the rate times the gradient", async () => {
    const one = tensor([2]);
    const { parameters } = await fit({
      parameters: { slope: one },
      loss: ({ slope }, batch) => slope.mul(batch).square().mean(),
      data: dataset(tensor([3, 1])),
      optimizer: sgd(),
      learningRate: 0.1,
      epochs: 1,
      batchSize: 2,
    });
    // The mean of (2·3)² and (2·1)² has the slope 2·2·(9 + 1)/2 = 20.
    assertCloseTo(await parameters.slope.data(), [2 - 0.1 * 20], 1e-6);
  });

  it("leaves alone what no gradient reaches", async () => {
    const { parameters } = await fit({
      ...settings,
      loss: ([first, middle, last], batch) =>
        model
          .apply(
            [{ weight: stopGradient(first.weight), bias: stopGradient(first.bias) }, middle, last],
            batch.x,
          )
          .sub(batch.y)
          .square()
          .mean(),
    });
    assert.deepEqual(await parameters[0].weight.data(), await settings.parameters[0].weight.data());
    assert.notDeepEqual(await parameters[2].weight.data(), await settings.parameters[2].weight.data());
  });

  it("stops early, with the best epoch's parameters", async () => {
    const validation = dataset({ x: randn([50, 5], { seed: 11 }), y: randn([50, 1], { seed: 12 }) });
    const { parameters, history } = await fit({
      ...settings,
      validation: validation as unknown as typeof data,
      epochs: 200,
      learningRate: 0.05,
      earlyStopping: { patience: 5 },
    });
    assert.ok(history.length < 200, `${history.length} epochs`);
    const losses = history.map((epoch) => epoch.validation?.loss ?? Number.NaN);
    const best = losses.indexOf(Math.min(...losses));
    assert.equal(history.length - 1 - best, 5);
    const again = await fit({ ...settings, learningRate: 0.05, epochs: best + 1 });
    assert.deepEqual(await numbers(parameters), await numbers(again.parameters));
  });

  it("stops soon when it is told to, leaves the event loop free, and the next training runs", async () => {
    const controller = new AbortController();
    let turns = 0;
    const interval = setInterval(() => turns++, 5);
    setTimeout(() => controller.abort(new Error("stop")), 200);
    const started = performance.now();
    try {
      await assert.rejects(
        fit({ ...settings, epochs: 1_000_000, signal: controller.signal }),
        /^Error: stop$/,
      );
    } finally {
      clearInterval(interval);
    }
    assert.ok(performance.now() - started < 2_000);
    assert.ok(turns > 10, `${turns} turns of the event loop`);
    await fit({ ...settings, epochs: 1 });
  });

  it("says where the loss is no longer finite", async () => {
    await assert.rejects(fit({ ...settings, optimizer: sgd(), learningRate: 1e20 }), {
      name: "TrainingDivergedError",
      message:
        /the loss became (NaN|Infinity) in step \d of epoch 1, where .* applied at .*fit\.test\.ts:\d+:\d+, gave (NaN|Infinity).*: try a lower learning rate than 100000000000000000000/,
    });
    const broken = fromData("float32", Float32Array.of(1, Number.NaN, 3), [3]);
    await assert.rejects(
      fit({
        parameters: tensor(1),
        loss: (slope, batch) => slope.mul(batch).square().mean(),
        data: dataset(broken),
        optimizer: adam(),
        learningRate: 0.1,
        epochs: 1,
      }),
      { name: "TrainingDivergedError" },
    );
  });

  it("learns from a stream as from the same rows, made while the step before runs", async () => {
    const rows = await x.data();
    const labels = await y.data();
    const made: number[] = [];
    const batch = (start: number, size: number): { readonly x: Tensor; readonly y: Tensor } => ({
      x: fromData("float32", rows.slice(start * 5, (start + size) * 5), [size, 5]),
      y: fromData("float32", labels.slice(start, start + size), [size, 1]),
    });
    const streamed = await fit({
      ...settings,
      data: stream({
        batches: 4,
        open: async function* (epoch) {
          for (const [start, size] of [
            [0, 64],
            [64, 64],
            [128, 50],
            [178, 64],
            [242, 58],
          ] as const) {
            made.push(epoch);
            yield await Promise.resolve(batch(start, size));
          }
        },
      }) as never,
      epochs: 3,
    });
    assert.equal(streamed.history.length, 3);
    // The first batch is made once more, to trace it.
    assert.deepEqual(made, [1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
    const one = await fit({ ...settings, data: dataset(batch(0, 64)) as never, epochs: 1 });
    const other = await fit({
      ...settings,
      data: stream({ batches: 1, open: () => [batch(0, 64)] }) as never,
      epochs: 1,
    });
    assertCloseTo(await numbers(one.parameters), await numbers(other.parameters), 1e-6);
    await assert.rejects(
      fit({ ...settings, data: stream({ batches: 2, open: () => [batch(0, 64)] }) as never }),
      /the stream ended after 1 of 2 batches in epoch 1/,
    );
  });

  it("passes on what a stream throws", async () => {
    const failing = stream({
      batches: 2,
      open: function* () {
        yield { x: randn([4, 5], { seed: 1 }), y: randn([4, 1], { seed: 1 }) };
        throw new Error("the disk is gone");
      },
    });
    await assert.rejects(fit({ ...settings, data: failing as never }), /the disk is gone/);
  });

  const invalid: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["no epochs", () => fit({ ...settings, epochs: 0 }), /epochs must be a whole number from 1, not 0/],
    ["half a row", () => fit({ ...settings, batchSize: 1.5 }), /batchSize must be a whole number from 1/],
    ["columns of unequal rows", () => dataset({ x, y: tensor([1, 2]) }), /"x" has 300 rows and "y" has 2/],
    ["no rows", () => dataset(fromData("float32", new Float32Array(0), [0, 3])), /there are no rows/],
    ["a scalar", () => dataset(tensor(1)), /has no rows/],
    ["text", () => dataset(tensor(["a"], "string")), /"value" holds text/],
    [
      "a loss that is no scalar",
      () => fit({ ...settings, loss: (p, batch) => model.apply(p, batch.x) as never }),
      /the loss must be a scalar, not \[64, 1\]/,
    ],
    [
      "a loss without parameters",
      () => fit({ ...settings, loss: (_, batch) => batch.x.mean() }),
      /depends on no parameter/,
    ],
  ];
  for (const [name, run, message] of invalid) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(async () => run(), message);
    });
  }
});

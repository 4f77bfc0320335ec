import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { readOnnx } from "../../ml/graph/onnx/decode.ts";
import { InvalidInputError } from "../../ml/errors.ts";
import { logLoss, rocAuc } from "../../ml/evaluate/index.ts";
import {
  binaryClassifier,
  loadPredictor,
  ModelFileError,
  NotFittedError,
  TrainingDivergedError,
  type BinaryClassifier,
} from "../../ml/nn/index.ts";
import { Random } from "../../ml/random.ts";

/** Rows whose label needs an interaction of numbers and the category: no linear model gets it. */
function rowsOf(count: number, seed: number) {
  const random = new Random(seed);
  const x = new Float32Array(count);
  const y = new Float64Array(count);
  const color: string[] = [];
  const late = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const horizontal = random.normal();
    const vertical = random.normal();
    x[row] = horizontal * 1000 + 5000;
    y[row] = vertical / 100;
    color.push(["red", "green", "blüe"][random.uint32() % 3] ?? "");
    const sign = color[row] === "red" ? -1 : 1;
    late[row] = sign * horizontal * vertical + 0.02 * random.normal() > 0 ? 1 : 0;
  }
  return { x, y, color, late };
}

const make = (hidden: readonly number[] = [16, 8]): BinaryClassifier<"x" | "y", "color"> =>
  binaryClassifier({ numeric: ["x", "y"], categorical: ["color"], hidden });

describe("binaryClassifier", () => {
  const training = rowsOf(6000, 1);
  const test = rowsOf(2000, 2);
  const settings = { epochs: 12, batchSize: 100, learningRate: 0.01, seed: 1 } as const;
  let classifier: BinaryClassifier<"x" | "y", "color">;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-nn-"));
    classifier = make();
    await classifier.fit(training, training.late, settings);
  });
  after(() => rm(folder, { recursive: true }));

  it("learns what a logistic regression cannot", async () => {
    const linear = make([]);
    await linear.fit(training, training.late, settings);
    assert.ok(rocAuc(test.late, await linear.predict(test)) < 0.6);
    const probabilities = await classifier.predict(test);
    assert.ok(rocAuc(test.late, probabilities) > 0.95, `AUC ${rocAuc(test.late, probabilities)}`);
    assert.ok(logLoss(test.late, probabilities) < 0.3, `log-loss ${logLoss(test.late, probabilities)}`);
  });

  it("reports losses that fall, with the validation rows' loss equal to logLoss", async () => {
    const model = make();
    const seen: number[] = [];
    const results = await model.fit(training, training.late, {
      ...settings,
      epochs: 3,
      validation: { features: test, labels: test.late },
      onEpoch: ({ epoch }) => seen.push(epoch),
    });
    assert.deepEqual(seen, [1, 2, 3]);
    assert.ok((results[2]?.loss ?? 1) < (results[0]?.loss ?? 0));
    const loss = logLoss(test.late, await model.predict(test));
    assert.ok(Math.abs(loss - (results[2]?.validationLoss ?? 0)) < 1e-5);
  });

  it("gives the same model for the same seed, bit for bit, and another for another", async () => {
    const bytes = async (seed: number): Promise<Buffer> => {
      const model = make();
      await model.fit(training, training.late, { ...settings, epochs: 1, seed });
      const path = join(folder, `seed-${seed}.onnx`);
      await model.save(path);
      return readFile(path);
    };
    assert.ok((await bytes(1)).equals(await bytes(1)));
    assert.ok(!(await bytes(1)).equals(await bytes(2)));
  });

  it("predicts the same after save and load, also in small batches", async () => {
    const path = join(folder, "new", "model.onnx");
    await classifier.save(path);
    assert.deepEqual(await readdir(join(folder, "new")), ["model.onnx"]);
    await using loaded = await loadPredictor(path);
    assert.deepEqual(await loaded.predict(test), await classifier.predict(test));
    const few = { x: test.x.subarray(0, 3), y: test.y.subarray(0, 3), color: test.color.slice(0, 3) };
    assert.deepEqual(await loaded.predict(few), (await classifier.predict(test)).slice(0, 3));
    assert.deepEqual(await loaded.predict({ x: [], y: [], color: [] }), new Float32Array(0));
  });

  it("saves standard ONNX that takes raw columns by name", async () => {
    const path = join(folder, "standard.onnx");
    await classifier.save(path);
    assert.deepEqual((await readOnnx(path)).opsets, { "": 17, "ai.onnx.ml": 3 });
    const session = await InferenceSession.create(path);
    assert.deepEqual(session.inputNames, ["x", "y", "color"]);
    const { probability } = await session.run({
      x: new Tensor("float32", Float32Array.of(4000), [1, 1]),
      y: new Tensor("float32", Float32Array.of(0.01), [1, 1]),
      color: new Tensor("string", ["red"], [1, 1]),
    });
    const expected = await classifier.predict({ x: [4000], y: [0.01], color: ["red"] });
    assert.equal(probability?.data[0], expected[0]);
    await session.release();
  });

  it("takes a category that training has not seen as neutral", async () => {
    const [unseen, other] = await classifier.predict({
      x: [4000, 4000],
      y: [0.01, 0.01],
      color: ["mauve", ""],
    });
    assert.equal(unseen, other);
    assert.ok(Number.isFinite(unseen));
  });

  it("weights the positive class", async () => {
    const weighted = make();
    await weighted.fit(training, training.late, { ...settings, epochs: 3, positiveWeight: 5 });
    const mean = (values: Float32Array): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    assert.ok(mean(await weighted.predict(test)) > mean(await classifier.predict(test)) + 0.05);
  });

  it("learns from categories alone and from numbers alone", async () => {
    const late = training.color.map((color) => color === "red");
    const byColor = binaryClassifier({ numeric: [], categorical: ["color"], hidden: [] });
    await byColor.fit(training, late, settings);
    assert.ok(rocAuc(late, await byColor.predict(training)) > 0.99);
    const byX = binaryClassifier({ numeric: ["x"], hidden: [] });
    const large = Array.from(training.x, (x) => x > 5000);
    await byX.fit(training, large, settings);
    assert.ok(rocAuc(large, await byX.predict(training)) > 0.99);
  });

  it("stops between steps, and then is what it was", async () => {
    const before = await classifier.predict(test);
    const stop = new AbortController();
    const reason = new Error("enough");
    const options = {
      ...settings,
      epochs: 1000,
      signal: stop.signal,
      onEpoch: () => setImmediate(() => stop.abort(reason)),
    };
    await assert.rejects(classifier.fit(training, training.late, options), (error) => error === reason);
    assert.deepEqual(await classifier.predict(test), before);
  });

  it("leaves the event loop free while it fits", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await make().fit(training, training.late, { ...settings, epochs: 2 });
    clearInterval(timer);
    assert.ok(turns > 5, `${turns} turns`);
  });

  it("says when a loss is no longer finite", async () => {
    const fit = make().fit(training, training.late, { ...settings, learningRate: 1e30 });
    await assert.rejects(
      fit,
      (error) => error instanceof TrainingDivergedError && /learning rate/.test(error.message),
    );
  });

  it("predicts and saves only once fitted", async () => {
    await assert.rejects(make().predict(test), NotFittedError);
    await assert.rejects(make().save(join(folder, "none.onnx")), NotFittedError);
  });

  const few = { x: [1, 2], y: [3, 4], color: ["a", "b"] };
  const invalid: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
    ["NaN", () => make().fit({ ...few, x: [1, Number.NaN] }, [0, 1]), /"x" holds NaN in row 1/],
    [
      "what float32 cannot hold",
      () => make().fit({ ...few, x: [1, 1e39] }, [0, 1]),
      /"x" holds 1e\+39 in row 1/,
    ],
    ["no rows", () => make().fit({ x: [], y: [], color: [] }, []), /no rows/],
    ["one class", () => make().fit(few, [1, 1]), /both classes/],
    [
      "columns of unequal lengths",
      () => make().fit({ ...few, y: [1] }, [0, 1]),
      /"y" has 1 rows and "x" has 2/,
    ],
    ["labels of another length", () => make().fit(few, [0, 1, 0]), /2 rows and 3 labels/],
    ["labels that are neither 0 nor 1", () => make().fit(few, [0, 2]), /label of row 1 is 2/],
    ["epochs of 0", () => make().fit(few, [0, 1], { epochs: 0 }), /epochs/],
    ["NaN in prediction", () => classifier.predict({ ...few, y: [Number.NaN, 1] }), /"y" holds NaN in row 0/],
  ];
  for (const [name, use, message] of invalid) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(
        use(),
        (error) => error instanceof InvalidInputError && message.test(error.message),
      );
    });
  }

  it("refuses a loaded model's missing column by name", async () => {
    const path = join(folder, "columns.onnx");
    await classifier.save(path);
    await using loaded = await loadPredictor(path);
    await assert.rejects(
      loaded.predict({ x: [1], z: [2], color: ["a"] }),
      /no column "y"; there are: x, z, color/,
    );
  });

  it("refuses files that are missing, damaged, truncated or of another kind", async () => {
    const path = join(folder, "whole.onnx");
    await classifier.save(path);
    const whole = await readFile(path);
    const damaged: readonly (readonly [string, Uint8Array])[] = [
      ["empty.onnx", new Uint8Array(0)],
      ["text.onnx", Buffer.from("this is not a model")],
      ["truncated.onnx", whole.subarray(0, whole.length >> 1)],
    ];
    for (const [name, bytes] of damaged) await writeFile(join(folder, name), bytes);
    for (const name of ["absent.onnx", ...damaged.map(([file]) => file)]) {
      await assert.rejects(
        loadPredictor(join(folder, name)),
        (error) =>
          error instanceof ModelFileError && error.message.includes(name) && error.cause instanceof Error,
        name,
      );
    }
  });
});

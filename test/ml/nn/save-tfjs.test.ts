/** @file Models written for TensorFlow.js, which loads them and computes the same on its cpu backend. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as v from "valibot";
import { elu, ModelImportError, randn, sin, softmax, toOnnx, type Tensor } from "../../../ml/graph/index.ts";
import {
  activation,
  avgPool2d,
  batchNorm,
  conv1d,
  conv2d,
  flatten,
  globalAvgPool,
  layerNorm,
  linear,
  loadTfjsModel,
  maxPool1d,
  maxPool2d,
  relu,
  saveTfjsModel,
  sequential,
  sigmoid,
  tanh,
} from "../../../ml/nn/index.ts";
import { assertNormClose } from "../graph/norm-close.ts";

const weightSpec = v.object({ name: v.string(), shape: v.array(v.number()), dtype: v.literal("float32") });
const file = v.object({
  modelTopology: v.record(v.string(), v.unknown()),
  weightsManifest: v.tuple([v.object({ paths: v.tuple([v.string()]), weights: v.array(weightSpec) })]),
});

async function loadedByTensorFlow(folder: string): Promise<tf.LayersModel> {
  const { modelTopology, weightsManifest } = v.parse(
    file,
    JSON.parse(await readFile(join(folder, "model.json"), "utf8")),
  );
  const [{ paths, weights }] = weightsManifest;
  const bytes = await readFile(join(folder, paths[0]));
  return tf.loadLayersModel(
    tf.io.fromMemory({ modelTopology, weightSpecs: weights, weightData: new Uint8Array(bytes).buffer }),
  );
}

type Apply = (x: Tensor) => Tensor;

/** Writes a model, loads it in TensorFlow.js and here, and compares both with the original. */
async function roundTrip(apply: Apply, shape: readonly number[]): Promise<tf.LayersModel> {
  const folder = await mkdtemp(join(tmpdir(), "tenon-tfjs-"));
  try {
    await saveTfjsModel(
      folder,
      toOnnx(({ x }) => ({ y: apply(x) }), { x: { dtype: "float32", shape: ["batch", ...shape] } }),
    );
    const x: Tensor = randn([3, ...shape], { seed: 5 });
    const expected: Tensor = apply(x);
    const numbers = Array.from(await expected.data(), Number);
    const last = shape.length === 1 ? x : x.transpose([0, ...shape.slice(1).map((_, axis) => axis + 2), 1]);
    const there = await loadedByTensorFlow(folder);
    const result = there.predict(tf.tensor(await last.data(), last.shape));
    assert.ok(result instanceof tf.Tensor);
    assert.deepEqual(result.shape, expected.shape);
    assertNormClose(await result.data(), numbers, 1e-5, "TensorFlow.js");
    const here = await loadTfjsModel(join(folder, "model.json"));
    const [again] = Object.values(here.apply(here.parameters, { input: last }));
    assert.ok(again);
    assertNormClose(await again.data(), numbers, 1e-5, "loaded again");
    return there;
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("A model written for TensorFlow.js", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("of images", async () => {
    const model = sequential(
      conv2d(2, 4, { kernel: 3, padding: "same" }),
      batchNorm(4),
      relu(),
      maxPool2d(2),
      conv2d(4, 8, { kernel: [3, 2], stride: 2, padding: [1, 0], groups: 4 }),
      tanh(),
      avgPool2d(2, { stride: 1 }),
      flatten(),
      linear(8, 6),
      layerNorm(6),
      activation((x) => elu(x)),
      linear(6, 3),
      activation((x) => softmax(x)),
    );
    const parameters = model.init(1);
    const there = await roundTrip((x) => model.apply(parameters, x), [2, 9, 8]);
    assert.deepEqual(there.layers.map((layer) => layer.getClassName()).slice(0, 4), [
      "InputLayer",
      "Conv2D",
      "BatchNormalization",
      "Activation",
    ]);
  });

  it("of sequences, and of vectors", async () => {
    const sequences = sequential(
      conv1d(3, 4, { kernel: 3, dilation: 2 }),
      relu(),
      maxPool1d(2),
      flatten(),
      linear(12, 2),
    );
    const ofSequences = sequences.init(2);
    await roundTrip((x) => sequences.apply(ofSequences, x), [3, 10]);
    const pooled = sequential(
      conv2d(1, 5, { kernel: 2 }),
      globalAvgPool(),
      flatten(),
      linear(5, 2),
      sigmoid(),
    );
    const ofPooled = pooled.init(3);
    await roundTrip((x) => pooled.apply(ofPooled, x), [1, 5, 4]);
  });

  it("is refused where it doesn't map, by an error that says why", async () => {
    const save = (apply: Apply, shape: readonly number[]): Promise<void> =>
      saveTfjsModel(
        join(tmpdir(), "tenon-never"),
        toOnnx(({ x }) => ({ y: apply(x) }), { x: { dtype: "float32", shape: ["batch", ...shape] } }),
      );
    const fails = (apply: Apply, shape: readonly number[], message: RegExp): Promise<void> =>
      assert.rejects(
        save(apply, shape),
        (error) => error instanceof ModelImportError && message.test(error.message),
      );
    await fails((x) => sin(x), [4], /Sin: no layer of TensorFlow\.js computes it/);
    await fails((x) => x.relu().add(x), [4], /Add does not only use what the node before it makes/);
    const grouped = conv2d(4, 4, { kernel: 2, groups: 2 });
    const parameters = grouped.init(1);
    await fails(
      (x) => grouped.apply(parameters, x),
      [4, 3, 3],
      /Conv: of grouped convolutions only those of single channels/,
    );
  });
});

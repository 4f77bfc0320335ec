/** @file Layers models that TensorFlow.js saved, against TensorFlow.js itself on its cpu backend. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import {
  crossEntropy,
  decodeOnnx,
  fromData,
  GraphError,
  importOnnx,
  ModelImportError,
  toOnnx,
  type ImportedModel,
  type Tensor,
} from "../../../ml/graph/index.ts";
import { dataset, fit, loadTfjsModel, ModelFileError, adam } from "../../../ml/nn/index.ts";
import { Random } from "../../../ml/random.ts";
import { assertNormClose } from "../graph/norm-close.ts";

type Save = (artifacts: tf.io.ModelArtifacts) => Promise<tf.io.SaveResult>;

/** Writes what TensorFlow.js saves, the weights in two files, as its own file handler does. */
function intoFolder(folder: string): Save {
  return async ({ modelTopology, weightSpecs, weightData }) => {
    assert.ok(weightData instanceof ArrayBuffer);
    const half = Math.floor(weightData.byteLength / 2);
    const paths = ["group1-shard1of2.bin", "group1-shard2of2.bin"];
    const parts = [weightData.slice(0, half), weightData.slice(half)];
    for (const [index, path] of paths.entries())
      await writeFile(join(folder, path), new Uint8Array(parts[index] ?? new ArrayBuffer()));
    const file = {
      format: "layers-model",
      modelTopology,
      weightsManifest: [{ paths, weights: weightSpecs }],
    };
    await writeFile(join(folder, "model.json"), JSON.stringify(file));
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
  };
}

const random = new Random(7);
const normals = (shape: readonly number[], positive = false): Float32Array => {
  const length = shape.reduce((product, size) => product * size, 1);
  const draw = positive ? (): number => 0.5 + random.uniform() : (): number => random.normal() * 0.5;
  return Float32Array.from({ length }, draw);
};

/** Weights that are not those that layers begin with; variances are positive. */
function randomize(model: tf.LayersModel): void {
  for (const layer of model.layers)
    layer.setWeights(
      layer.weights.map(({ shape, name }) =>
        tf.tensor(normals(shape.map(Number), name.includes("variance")), shape.map(Number)),
      ),
    );
}

const l = tf.layers;
const image = [6, 7, 3];

function functional(): tf.LayersModel {
  const x = tf.input({ shape: image, name: "image" });
  const apply = (layer: tf.layers.Layer, of: tf.SymbolicTensor | tf.SymbolicTensor[]): tf.SymbolicTensor => {
    const result = layer.apply(of);
    assert.ok(result instanceof tf.SymbolicTensor);
    return result;
  };
  const shared = l.conv2d({ filters: 3, kernelSize: 3, padding: "same", activation: "tanh" });
  const a = apply(shared, x);
  const b = apply(shared, a);
  const parts = [
    apply(l.add(), [a, b, x]),
    apply(l.multiply(), [a, b]),
    apply(l.average(), [a, x]),
    apply(l.maximum(), [b, x]),
    apply(l.minimum(), [b, x]),
  ];
  const joined = apply(l.concatenate(), parts);
  const scores = apply(l.dense({ units: 4, name: "scores" }), apply(l.globalAveragePooling2d({}), joined));
  const largest = apply(l.globalMaxPooling2d({ name: "largest" }), joined);
  return tf.model({ inputs: x, outputs: [scores, largest] });
}

const models: Readonly<Record<string, () => tf.LayersModel>> = {
  "an image classifier": () =>
    tf.sequential({
      layers: [
        l.conv2d({
          inputShape: image,
          filters: 4,
          kernelSize: 3,
          strides: 2,
          padding: "same",
          activation: "relu",
        }),
        l.batchNormalization(),
        l.conv2d({ filters: 5, kernelSize: [2, 1], dilationRate: [2, 1], padding: "same", useBias: false }),
        l.activation({ activation: "elu" }),
        l.maxPooling2d({ poolSize: 2, strides: 1 }),
        l.averagePooling2d({ poolSize: 2, strides: 1, padding: "same" }),
        l.flatten(),
        l.dropout({ rate: 0.5 }),
        l.dense({ units: 6, activation: "hardSigmoid" }),
        l.layerNormalization(),
        l.dense({ units: 5, activation: "softmax" }),
      ],
    }),
  "images enlarged and cut": () =>
    tf.sequential({
      layers: [
        l.zeroPadding2d({
          inputShape: image,
          padding: [
            [1, 2],
            [0, 1],
          ],
        }),
        l.separableConv2d({ filters: 4, kernelSize: 2, depthMultiplier: 2, activation: "swish" }),
        l.depthwiseConv2d({ kernelSize: 3, padding: "same", depthMultiplier: 2 }),
        l.prelu(),
        l.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: "same", activation: "selu" }),
        l.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3, padding: "valid" }),
        l.upSampling2d({ size: [2, 1] }),
        l.cropping2D({
          cropping: [
            [1, 2],
            [3, 0],
          ],
        }),
        l.leakyReLU({ alpha: 0.2 }),
      ],
    }),
  vectors: () =>
    tf.sequential({
      layers: [
        l.dense({ inputShape: [6], units: 8, activation: "softplus" }),
        l.reshape({ targetShape: [4, 2] }),
        l.permute({ dims: [2, 1] }),
        l.conv1d({ filters: 3, kernelSize: 2, activation: "softsign" }),
        l.maxPooling1d({ poolSize: 1 }),
        l.thresholdedReLU({ theta: 0.1 }),
        l.batchNormalization({ scale: false, center: false }),
        l.globalMaxPooling1d({}),
        l.repeatVector({ n: 2 }),
        l.elu(),
        l.reLU({ maxValue: 0.5 }),
        l.softmax({ axis: -1 }),
      ],
    }),
  sequences: () =>
    tf.sequential({
      layers: [
        l.lstm({ inputShape: [5, 3], units: 4, returnSequences: true }),
        l.gru({ units: 3, returnSequences: true, goBackwards: true, recurrentActivation: "sigmoid" }),
        l.simpleRNN({ units: 3, returnSequences: true }),
        l.bidirectional({ layer: l.lstm({ units: 2, returnSequences: true }), mergeMode: "concat" }),
        l.bidirectional({ layer: l.gru({ units: 2 }), mergeMode: "sum" }),
      ],
    }),
  words: () =>
    tf.sequential({
      layers: [
        l.embedding({ inputDim: 9, outputDim: 4, inputLength: 5 }),
        l.globalAveragePooling1d({}),
        l.dense({ units: 2 }),
      ],
    }),
  "a functional model with a shared layer and two outputs": functional,
};

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "tenon-tfjs-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function saved(model: tf.LayersModel): Promise<ImportedModel> {
  return withFolder(async (folder) => {
    await model.save({ save: intoFolder(folder) });
    return loadTfjsModel(join(folder, "model.json"));
  });
}

function inputFor(model: ImportedModel, batch: number): { readonly name: string; readonly x: Tensor } {
  const [[name, { shape }] = ["", { shape: [] }]] = Object.entries(model.inputs);
  const sizes = [batch, ...shape.slice(1).map(Number)];
  const data = normals(sizes);
  return {
    name,
    x: fromData(
      "float32",
      name.includes("mbedding") || (sizes.length === 2 && sizes[1] === 5)
        ? data.map((each) => Math.abs(Math.round(each * 5)) % 9)
        : data,
      sizes,
    ),
  };
}

describe("A layers model of TensorFlow.js", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  for (const [name, make] of Object.entries(models))
    it(`computes what it computes there: ${name}`, async () => {
      const original = make();
      randomize(original);
      const model = await saved(original);
      const input = inputFor(model, 4);
      const outputs = Object.values(model.apply(model.parameters, { [input.name]: input.x }));
      const expected = [original.predict(tf.tensor(await input.x.data(), input.x.shape))].flat();
      assert.equal(outputs.length, expected.length);
      for (const [index, output] of outputs.entries()) {
        const right = expected[index];
        assert.ok(right);
        assert.deepEqual(output.shape, right.shape);
        assertNormClose(await output.data(), await right.data(), 1e-5);
      }
      // A batch of open size stays one, through to ONNX.
      const again = importOnnx(
        decodeOnnx(toOnnx((inputs) => model.apply(model.parameters, inputs), model.inputs)),
      );
      const [exported] = Object.values(again.apply(again.parameters, { [input.name]: input.x }));
      assert.ok(exported && outputs[0]);
      assertNormClose(await exported.data(), Array.from(await outputs[0].data(), Number), 1e-6);
    });

  it("trains on, but for statistics and layers that are not trainable", async () => {
    const original = models["an image classifier"]?.();
    assert.ok(original);
    const [first] = original.layers;
    if (first) first.trainable = false;
    const model = await saved(original);
    const names = Object.keys(model.parameters).map((path) => path.split("/").at(-1));
    assert.deepEqual(
      names.toSorted((a = "", b = "") => a.localeCompare(b)),
      ["beta", "beta", "bias", "bias", "gamma", "gamma", "kernel", "kernel", "kernel"],
    );
    const { x, name } = inputFor(model, 32);
    const classes = fromData(
      "int64",
      BigInt64Array.from({ length: 32 }, (_, row) => BigInt(row % 5)),
      [32],
    );
    const { history } = await fit({
      parameters: model.parameters,
      loss: (parameters, batch: { readonly x: Tensor; readonly classes: Tensor }) => {
        const [scores] = Object.values(model.apply(parameters, { [name]: batch.x }));
        assert.ok(scores);
        return crossEntropy(scores.log(), batch.classes);
      },
      data: dataset<{ readonly x: Tensor; readonly classes: Tensor }>({ x, classes }),
      optimizer: adam(),
      learningRate: 0.01,
      epochs: 100,
    });
    const [start, end] = [history[0]?.loss ?? 0, history.at(-1)?.loss ?? 1];
    assert.ok(end < 0.9 * start, `${start} to ${end}`);
  });

  it("may have quantised weights", async () => {
    const original = tf.sequential({ layers: [l.dense({ inputShape: [4], units: 3 })] });
    await withFolder(async (folder) => {
      await original.save({ save: intoFolder(folder) });
      const path = join(folder, "model.json");
      const [layer] = original.layers;
      const file = {
        modelTopology: JSON.parse(await readFile(path, "utf8")).modelTopology as unknown,
        weightsManifest: [
          {
            paths: ["w.bin"],
            weights: [
              {
                name: `${layer?.name}/kernel`,
                shape: [4, 3],
                dtype: "float32",
                quantization: { dtype: "uint8", min: -1, scale: 0.25 },
              },
              {
                name: `${layer?.name}/bias`,
                shape: [3],
                dtype: "float32",
                quantization: { dtype: "float16" },
              },
            ],
          },
        ],
      };
      await writeFile(path, JSON.stringify(file));
      // 1, -2 and 0.5 in float16.
      await writeFile(
        join(folder, "w.bin"),
        new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0x3c, 0, 0xc0, 0, 0x38]),
      );
      const model = await loadTfjsModel(path);
      const [kernel, bias] = Object.values(model.parameters);
      assert.deepEqual(
        Array.from((await kernel?.data()) ?? []),
        Array.from({ length: 12 }, (_, index) => index * 0.25 - 1),
      );
      assert.deepEqual(Array.from((await bias?.data()) ?? []), [1, -2, 0.5]);
    });
  });

  it("has named errors for what is damaged, missing or not supported", async () => {
    const dense = tf.sequential({ layers: [l.dense({ inputShape: [4], units: 3 })] });
    await withFolder(async (folder) => {
      const path = join(folder, "model.json");
      const fails = async (
        change: (text: string) => string,
        kind: typeof ModelFileError | typeof ModelImportError,
        message: RegExp,
      ): Promise<void> => {
        await dense.save({ save: intoFolder(folder) });
        await writeFile(path, change(await readFile(path, "utf8")));
        await assert.rejects(
          async () => {
            const model = await loadTfjsModel(path);
            const { name, x } = inputFor(model, 2);
            model.apply(model.parameters, { [name]: x });
          },
          (error) => error instanceof kind && message.test(error.message),
        );
      };
      await fails((text) => text.slice(0, 50), ModelFileError, /is no JSON/);
      await fails(() => "{}", ModelFileError, /is no layers model of TensorFlow\.js/);
      await fails(
        (text) => text.replace("group1-shard1of2.bin", "../secret.bin"),
        ModelFileError,
        /leads out of the folder/,
      );
      await fails(
        (text) => text.replace("group1-shard2of2.bin", "missing.bin"),
        ModelFileError,
        /cannot be found/,
      );
      await fails((text) => text.replace('"shape":[4,3]', '"shape":[400,3]'), ModelFileError, /end before/);
      await fails(
        (text) => text.replace('"Dense"', '"Mystery"'),
        ModelImportError,
        /Mystery ".*": this kind of layer is not supported/,
      );
      await fails(
        (text) => text.replace('"linear"', '"mystery"'),
        ModelImportError,
        /activation "mystery" is not supported/,
      );
      await fails(
        (text) => text.replace("/kernel", "/colonel"),
        ModelImportError,
        /there is no weight "kernel"/,
      );
      await dense.save({ save: intoFolder(folder) });
      const model = await loadTfjsModel(path);
      assert.throws(() => model.apply(model.parameters, {}), GraphError);
      assert.throws(
        () =>
          model.apply(
            {},
            inputFor(model, 2).x.shape.length > 0 ? { [inputFor(model, 2).name]: inputFor(model, 2).x } : {},
          ),
        /parameter ".*" is missing/,
      );
    });
  });
});

/** @file Small models of the layers API and their training, which every backend must do alike. */
import type { LayersModel, Tensor } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../../ml/tf/index.ts";
import { floats, integers, numbers } from "./inputs.ts";

/** A model with what it learns from; its weights are set to fixed numbers. */
export interface ModelCase {
  readonly name: string;
  build(tf: TensorFlow): { readonly model: LayersModel; readonly x: Tensor; readonly y: Tensor };
}

/** Dense, convolutional, pooling, normalising, embedding and recurrent layers, with five optimizers. */
export const models: readonly ModelCase[] = [
  {
    name: "dense layers with Adam",
    build: (tf) => {
      const model = tf.sequential({
        layers: [
          tf.layers.dense({ inputShape: [12], units: 24, activation: "relu" }),
          tf.layers.dense({ units: 4, activation: "softmax" }),
        ],
      });
      model.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy" });
      return { model, x: floats(tf, [32, 12]), y: tf.oneHot(integers(tf, [32], 4), 4) };
    },
  },
  {
    name: "convolutions with batch normalisation and pooling",
    build: (tf) => {
      const model = tf.sequential({
        layers: [
          tf.layers.conv2d({
            inputShape: [10, 10, 2],
            filters: 5,
            kernelSize: 3,
            padding: "same",
            useBias: false,
          }),
          tf.layers.batchNormalization(),
          tf.layers.activation({ activation: "relu" }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, activation: "tanh" }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 3, activation: "softmax" }),
        ],
      });
      model.compile({ optimizer: tf.train.momentum(0.05, 0.9), loss: "categoricalCrossentropy" });
      return { model, x: floats(tf, [16, 10, 10, 2]), y: tf.oneHot(integers(tf, [16], 3), 3) };
    },
  },
  {
    name: "depthwise convolution with RMSProp",
    build: (tf) => {
      const model = tf.sequential({
        layers: [
          tf.layers.separableConv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, activation: "relu" }),
          tf.layers.globalAveragePooling2d({}),
          tf.layers.dense({ units: 1 }),
        ],
      });
      model.compile({ optimizer: tf.train.rmsprop(0.01), loss: "meanSquaredError" });
      return { model, x: floats(tf, [8, 8, 8, 3]), y: floats(tf, [8, 1], 2) };
    },
  },
  {
    name: "embedding and LSTM",
    build: (tf) => {
      const model = tf.sequential({
        layers: [
          tf.layers.embedding({ inputShape: [4], inputDim: 20, outputDim: 6 }),
          tf.layers.lstm({ units: 8 }),
          tf.layers.dense({ units: 1, activation: "sigmoid" }),
        ],
      });
      model.compile({ optimizer: tf.train.sgd(0.5), loss: "binaryCrossentropy" });
      return { model, x: integers(tf, [16, 4], 20), y: integers(tf, [16, 1], 2, 3) };
    },
  },
  {
    name: "GRU over a bidirectional LSTM with layer normalisation",
    build: (tf) => {
      const model = tf.sequential();
      model.add(
        tf.layers.bidirectional({
          inputShape: [3, 4],
          layer: tf.layers.lstm({ units: 5, returnSequences: true }),
          mergeMode: "concat",
        }),
      );
      model.add(tf.layers.layerNormalization());
      model.add(tf.layers.gru({ units: 6 }));
      model.add(tf.layers.dense({ units: 2 }));
      model.compile({ optimizer: tf.train.adagrad(0.1), loss: "meanSquaredError" });
      return { model, x: floats(tf, [12, 3, 4]), y: floats(tf, [12, 2], 2) };
    },
  },
];

const epochs = 3;
const batchesPerEpoch = 2;

/** Trains a model from fixed weights: the loss of each epoch, what it predicts then, and its weights. */
export async function train(tf: TensorFlow, modelCase: ModelCase): Promise<Record<string, Tensor>> {
  const { model, x, y } = modelCase.build(tf);
  model.setWeights(
    model.weights.map(({ shape, name }, index) => {
      const size = shape.reduce<number>((product, dimension) => product * (dimension ?? 1), 1);
      const values = numbers(size, index + 10);
      // A variance is not negative.
      const start = name.includes("variance") ? values.map(Math.abs) : values.map((value) => value * 0.6);
      return tf.tensor(start, shape.map(Number));
    }),
  );
  const { history } = await model.fit(x, y, {
    epochs,
    batchSize: (x.shape[0] ?? 0) / batchesPerEpoch,
    shuffle: false,
    yieldEvery: "never",
  });
  const weights = model.getWeights().map((weight, index) => [`weight ${index}`, weight.clone()] as const);
  return {
    loss: tf.tensor1d((history["loss"] ?? []).map(Number)),
    prediction: model.predictOnBatch(x) as Tensor,
    ...Object.fromEntries(weights),
  };
}

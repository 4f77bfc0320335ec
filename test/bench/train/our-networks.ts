/** @file The networks of the training benchmark in Tenon: those of torch_models.py. */
import { crossEntropy, fromData, lstm as runLstm, Tensor } from "../../../ml/graph/index.ts";
import type { Tree } from "../../../ml/graph/trees.ts";
import {
  conv2d,
  dataset,
  embedding,
  flatten,
  layerNorm,
  linear,
  lstm,
  maxPool2d,
  relu,
  sequential,
  transformerBlock,
  type Dataset,
} from "../../../ml/nn/index.ts";
import type { LossFunction } from "../../../ml/nn/training/training-program.ts";
import type { TrainCaseName } from "./cases.ts";
import { batches, type TrainedCase } from "./training-samples.ts";

/** A network with what it learns from. */
export interface Network {
  readonly parameters: Tree;
  readonly data: Dataset<Tree>;
  readonly batchSize: number;
  readonly loss: LossFunction<Tree, Tree>;
}

/** A network whose loss is written over its own types. */
function network<P extends Tree, T extends Tree>(
  parameters: P,
  data: Dataset<T>,
  batchSize: number,
  loss: (parameters: P, batch: { readonly x: Tensor; readonly labels: Tensor }) => Tensor<readonly []>,
): Network {
  return {
    parameters,
    data,
    batchSize,
    // SAFETY: the benchmark gives the parameters and the batches that belong to the loss.
    loss: loss as unknown as LossFunction<Tree, Tree>,
  };
}

/** All batches of a case in one, rows first; numbers of classes and tokens as int64. */
function rowsOf(
  name: TrainedCase,
  batchSize: number,
  rest: readonly number[],
  labels: readonly number[],
): Dataset<Tree> {
  const all = batches(name);
  const rows = all.length * batchSize;
  const label = BigInt64Array.from(
    all.flatMap((batch) => Array.from(batch.labels)),
    BigInt,
  );
  const numbers = all.flatMap((batch) => Array.from(batch.x));
  const x =
    name === "transformer"
      ? fromData("int64", BigInt64Array.from(numbers, BigInt), [rows, ...rest])
      : fromData("float32", Float32Array.from(numbers), [rows, ...rest]);
  return dataset({ x, labels: fromData("int64", label, [rows, ...labels]) });
}

function classifier(
  name: "mlp" | "cnn" | "lenet",
  batchSize: number,
  shape: readonly number[],
  model: { readonly init: (seed: number) => Tree; readonly apply: (parameters: never, x: never) => Tensor },
): Network {
  const parameters = model.init(1);
  return network(parameters, rowsOf(name, batchSize, shape, []), batchSize, (current, { x, labels }) =>
    crossEntropy(model.apply(current as never, x as never), labels),
  );
}

const image = [1, 28, 28];

/** The networks by the names of the cases. */
export const networks: Readonly<Record<Exclude<TrainCaseName, "matmul">, () => Network>> = {
  mlp: () =>
    classifier(
      "mlp",
      128,
      [784],
      sequential(linear(784, 256), relu(), linear(256, 128), relu(), linear(128, 10)),
    ),
  cnn: () =>
    classifier(
      "cnn",
      64,
      image,
      sequential(
        conv2d(1, 8, { kernel: 3, padding: 1 }),
        relu(),
        maxPool2d(2),
        conv2d(8, 16, { kernel: 3, padding: 1 }),
        relu(),
        maxPool2d(2),
        flatten(),
        linear(16 * 7 * 7, 10),
      ),
    ),
  lenet: () =>
    classifier(
      "lenet",
      128,
      image,
      sequential(
        conv2d(1, 6, { kernel: 5, padding: 2 }),
        relu(),
        maxPool2d(2),
        conv2d(6, 16, { kernel: 5 }),
        relu(),
        maxPool2d(2),
        flatten(),
        linear(16 * 5 * 5, 120),
        relu(),
        linear(120, 84),
        relu(),
        linear(84, 10),
      ),
    ),
  lstm: () => {
    const recurrent = lstm(64, 128);
    const head = linear(128, 10);
    const parameters = { recurrent: recurrent.init(1), head: head.init(2) };
    // Its samples come step by step, [steps, batch, features]; a dataset has rows first.
    const [batch, steps, features] = [64, 50, 64];
    const all = batches("lstm");
    const x = new Float32Array(all.length * batch * steps * features);
    for (const [index, each] of all.entries()) {
      for (let step = 0; step < steps; step++)
        for (let row = 0; row < batch; row++) {
          const from = (step * batch + row) * features;
          const to = ((index * batch + row) * steps + step) * features;
          for (let feature = 0; feature < features; feature++) x[to + feature] = each.x[from + feature] ?? 0;
        }
    }
    const labels = BigInt64Array.from(
      all.flatMap((each) => Array.from(each.labels)),
      BigInt,
    );
    const rows = all.length * batch;
    const data = dataset({
      x: fromData("float32", x, [rows, steps, features]),
      labels: fromData("int64", labels, [rows]),
    });
    return network(parameters, data, batch, (current, batchOf) => {
      const { hidden } = runLstm(batchOf.x, current.recurrent, { batchFirst: true });
      const logits = head.apply(current.head, hidden.reshape([batch, 128]));
      return crossEntropy(logits, batchOf.labels);
    });
  },
  transformer: () => {
    const [vocabulary, length, width, batch] = [65, 128, 128, 16];
    const tokens = embedding(vocabulary, width);
    const positions = embedding(length, width);
    const settings = { heads: 4, causal: true };
    const blocks = sequential(
      transformerBlock(width, settings),
      transformerBlock(width, settings),
      transformerBlock(width, settings),
      transformerBlock(width, settings),
      layerNorm(width),
      linear(width, vocabulary),
    );
    const parameters = { tokens: tokens.init(1), positions: positions.init(2), blocks: blocks.init(3) };
    return network(
      parameters,
      rowsOf("transformer", batch, [length], [length]),
      batch,
      (current, { x, labels }) => {
        const embedded = tokens.apply(current.tokens, x).add(current.positions.table as Tensor);
        const logits: Tensor = blocks.apply(current.blocks, embedded);
        return crossEntropy(logits.reshape([batch * length, vocabulary]), labels.reshape([batch * length]));
      },
    );
  },
};

/** @file The networks that the check trains, as `torch_models.py` has them, on the samples that all subjects share. */
import { crossEntropy, fromData, lstm, take, type Tensor } from "../../ml/graph/index.ts";
import { randn } from "../../ml/graph/create.ts";
import type { Tree } from "../../ml/graph/trees.ts";
import {
  conv2d,
  flatten,
  layerNorm,
  linear,
  maxPool2d,
  relu,
  sequential,
  transformerBlock,
} from "../../ml/nn/index.ts";
import type { LossFunction } from "../../ml/nn/training/training-program.ts";
import { Random } from "../../ml/random.ts";
import { batches, type TrainedCase } from "../bench/train/training-samples.ts";

/** A network with its data: rows first, in batches that lie one after another. */
export interface GpuCase {
  readonly parameters: Tree;
  readonly loss: LossFunction<Tree, Tree>;
  readonly data: { readonly x: Tensor; readonly labels: Tensor };
  readonly batchSize: number;
}

/** The names of the cases, in the order in which they run. */
export const gpuCaseNames = ["mlp", "cnn", "lstm", "transformer"] as const satisfies readonly TrainedCase[];

/** The name of a case. */
export type GpuCaseName = (typeof gpuCaseNames)[number];

/** Builds a case: parameters drawn anew, and the samples. */
export function gpuCase(name: GpuCaseName): GpuCase {
  switch (name) {
    case "mlp": {
      const model = sequential(linear(784, 256), relu(), linear(256, 128), relu(), linear(128, 10));
      return classifier(name, 128, [784], model.init(1), (parameters, x) =>
        model.apply(parameters, x as Tensor<readonly [number, 784], "float32">),
      );
    }
    case "cnn": {
      const model = sequential(
        conv2d(1, 8, { kernel: 3, padding: 1 }),
        relu(),
        maxPool2d(2),
        conv2d(8, 16, { kernel: 3, padding: 1 }),
        relu(),
        maxPool2d(2),
        flatten(),
        linear(16 * 7 * 7, 10),
      );
      return classifier(name, 64, [1, 28, 28], model.init(1), (parameters, x) =>
        model.apply(parameters, x as Tensor<readonly [number, 1, 28, 28], "float32">),
      );
    }
    case "lstm": {
      const [features, hidden] = [64, 128];
      const bound = 1 / Math.sqrt(hidden);
      const draw = (shape: readonly number[], seed: number): Tensor => randn(shape, { seed }).mul(bound);
      const parameters = {
        forward: {
          weightIh: draw([4 * hidden, features], 1),
          weightHh: draw([4 * hidden, hidden], 2),
          biasIh: draw([4 * hidden], 3),
          biasHh: draw([4 * hidden], 4),
        },
        head: { weight: draw([hidden, 10], 5), bias: draw([10], 6) },
      };
      return classifier(name, 64, [50, features], parameters, ({ forward, head }, x) => {
        const { hidden: last } = lstm(x.transpose([1, 0, 2]), [{ forward }]);
        return last.reshape([-1, hidden]).matmul(head.weight).add(head.bias);
      });
    }
    case "transformer":
      return languageModel();
  }
}

function classifier<P extends Tree>(
  name: TrainedCase,
  batchSize: number,
  shape: readonly number[],
  parameters: P,
  logits: (parameters: P, x: Tensor) => Tensor,
): GpuCase {
  const samples = batches(name);
  const rows = samples.length * batchSize;
  const width = shape.reduce((product, size) => product * size, 1);
  const x = new Float32Array(rows * width);
  for (const [index, batch] of samples.entries())
    x.set(name === "lstm" ? rowsFirst(batch.x, batchSize, shape) : batch.x, index * batchSize * width);
  const labels = Int32Array.from(samples.flatMap((batch) => Array.from(batch.labels)));
  return {
    parameters,
    // SAFETY: the trees are the ones built here.
    loss: (current, batch) => {
      const { x, labels } = batch as GpuCase["data"];
      return crossEntropy(logits(current as P, x), labels);
    },
    data: { x: fromData("float32", x, [rows, ...shape]), labels: fromData("int32", labels, [rows]) },
    batchSize,
  };
}

/** `[steps, batch, features]` as `[batch, steps, features]`. */
function rowsFirst(
  x: ArrayLike<number>,
  batch: number,
  [steps = 0, features = 0]: readonly number[],
): Float32Array {
  const result = new Float32Array(x.length);
  for (let step = 0; step < steps; step++)
    for (let row = 0; row < batch; row++)
      for (let feature = 0; feature < features; feature++)
        result[(row * steps + step) * features + feature] = x[(step * batch + row) * features + feature] ?? 0;
  return result;
}

function languageModel(): GpuCase {
  const [batchSize, length, width, vocabulary] = [16, 128, 128, 65] as const;
  const block = transformerBlock(width, { heads: 4, causal: true });
  const body = sequential(block, block, block, block, layerNorm(width), linear(width, vocabulary));
  const samples = batches("transformer");
  const rows = samples.length * batchSize;
  const integers = (of: (batch: (typeof samples)[number]) => ArrayLike<number>): Int32Array =>
    Int32Array.from(samples.flatMap((batch) => Array.from(of(batch))));
  const parameters = {
    tokens: randn([vocabulary, width], { seed: 1 }),
    positions: randn([length, width], { seed: 2 }).mul(0.02),
    body: body.init(new Random(3)),
  };
  return {
    parameters,
    // SAFETY: the trees are the ones built here.
    loss: (current, batch) => {
      const { tokens, positions, body: inner } = current as typeof parameters;
      const { x, labels } = batch as GpuCase["data"];
      const embedded = take(tokens as Tensor, x).add(positions);
      const logits: Tensor = body.apply(inner, embedded as Tensor<readonly [number, 128, 128], "float32">);
      return crossEntropy(logits.reshape([-1, vocabulary]), labels.reshape([-1]));
    },
    data: {
      // An embedding's gradient takes int64.
      x: fromData(
        "int64",
        BigInt64Array.from(
          integers(({ x }) => x),
          BigInt,
        ),
        [rows, length],
      ),
      labels: fromData(
        "int32",
        integers(({ labels }) => labels),
        [rows, length],
      ),
    },
    batchSize,
  };
}

/** @file Loss curves over 200 steps from the same initial weights as PyTorch's. */
import { crossEntropy, fromData, lstm as runLstm, take, Tensor } from "../../../ml/graph/index.ts";
import { input } from "../../../ml/graph/value.ts";
import { mapTree, type Tree } from "../../../ml/graph/trees.ts";
import {
  adam,
  conv2d,
  flatten,
  layerNorm,
  linear,
  maxPool2d,
  relu,
  sequential,
  transformerBlock,
} from "../../../ml/nn/index.ts";
import { Training } from "../../../ml/nn/training/training.ts";
import type { LossFunction } from "../../../ml/nn/training/training-program.ts";
import { assertCloseTo } from "../close-to.ts";
import {
  curveBatches,
  initialParameters,
  trainingCurves,
  type CurveName,
  type TrainingCurve,
} from "../training-curves.ts";

/** The initial parameters of a case as tensors by name; matrices of linear layers are turned to [inputs, outputs]. */
class Weights {
  readonly #tensors: ReadonlyMap<string, Tensor>;

  constructor(curve: TrainingCurve) {
    this.#tensors = new Map(
      initialParameters(curve).map(({ name, shape, data }) => [name, fromData("float32", data, shape)]),
    );
  }

  of(name: string): Tensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new Error(`there is no "${name}"`);
    return tensor;
  }

  linear(name: string): { readonly weight: Tensor; readonly bias: Tensor } {
    return { weight: this.of(`${name}.weight`).transpose(), bias: this.of(`${name}.bias`) };
  }

  plain(name: string): { readonly weight: Tensor; readonly bias: Tensor } {
    return { weight: this.of(`${name}.weight`), bias: this.of(`${name}.bias`) };
  }
}

interface Case {
  readonly x: { readonly dtype: "float32" | "int64"; readonly shape: readonly number[] };
  readonly labels: readonly number[];
  readonly build: (weights: Weights) => {
    readonly parameters: Tree;
    /** The logits of a batch, one row for each label. */
    readonly logits: (parameters: never, x: Tensor) => Tensor;
  };
}

const perceptron = sequential(linear(20, 32), relu(), linear(32, 16), relu(), linear(16, 3));
const convolutions = sequential(
  conv2d(1, 4, { kernel: 3, padding: "same" }),
  relu(),
  maxPool2d(2),
  conv2d(4, 8, { kernel: 3, padding: "same" }),
  relu(),
  maxPool2d(2),
  flatten(),
  linear(32, 4),
);
const head = linear(16, 4);
const block = transformerBlock(32, { heads: 4, causal: true });
const tail = sequential(block, block, layerNorm(32), linear(32, 16));

const blockOf = (weights: Weights, name: string): Tree => ({
  attentionNorm: weights.plain(`${name}.norm1`),
  attention: {
    inProjWeight: weights.of(`${name}.attention.inWeight`),
    inProjBias: weights.of(`${name}.attention.inBias`),
    outProjWeight: weights.of(`${name}.attention.out.weight`),
    outProjBias: weights.of(`${name}.attention.out.bias`),
  },
  feedForwardNorm: weights.plain(`${name}.norm2`),
  wide: weights.linear(`${name}.wide`),
  narrow: weights.linear(`${name}.narrow`),
});

const cases: Readonly<Partial<Record<CurveName, Case>>> = {
  mlp: {
    x: { dtype: "float32", shape: [32, 20] },
    labels: [32],
    build: (weights) => ({
      parameters: [weights.linear("hidden1"), [], weights.linear("hidden2"), [], weights.linear("out")],
      logits: (parameters, x) => perceptron.apply(parameters, x as never),
    }),
  },
  cnn: {
    x: { dtype: "float32", shape: [16, 1, 8, 8] },
    labels: [16],
    build: (weights) => ({
      parameters: [weights.plain("conv1"), [], [], weights.plain("conv2"), [], [], [], weights.linear("out")],
      logits: (parameters, x) => convolutions.apply(parameters, x as never),
    }),
  },
  lstm: {
    x: { dtype: "float32", shape: [12, 16, 8] },
    labels: [16],
    build: (weights) => ({
      parameters: {
        forward: {
          weightIh: weights.of("lstm.inputWeight"),
          weightHh: weights.of("lstm.hiddenWeight"),
          biasIh: weights.of("lstm.inputBias"),
          biasHh: weights.of("lstm.hiddenBias"),
        },
        out: weights.linear("out"),
      },
      logits: ({ forward, out }: { readonly forward: never; readonly out: never }, x) =>
        head.apply(out, runLstm(x, [{ forward }]).hidden.reshape([16, 16])),
    }),
  },
  transformer: {
    x: { dtype: "int64", shape: [8, 16] },
    labels: [8, 16],
    build: (weights) => ({
      parameters: {
        tokens: weights.of("tokens"),
        positions: weights.of("positions"),
        blocks: [
          blockOf(weights, "block1"),
          blockOf(weights, "block2"),
          weights.plain("norm"),
          weights.linear("out"),
        ],
      },
      logits: (
        parameters: { readonly tokens: Tensor; readonly positions: Tensor; readonly blocks: never },
        x,
      ) => {
        const embedded = take(parameters.tokens, x).add(parameters.positions);
        return tail.apply(parameters.blocks, embedded as never).reshape([128, 16]);
      },
    }),
  },
};

describe("loss curves over 200 steps, against PyTorch", function () {
  this.timeout(60_000);
  for (const curve of trainingCurves.cases) {
    const found = cases[curve.name];
    if (!found) continue;
    it(`${curve.name}: every loss within 1e-3`, async () => {
      const { x, labels, build } = found;
      const { parameters, logits } = build(new Weights(curve));
      const loss = (current: Tree, batch: Tree): Tensor<readonly []> => {
        const { x, labels } = batch as { readonly x: Tensor; readonly labels: Tensor };
        return crossEntropy(logits(current as never, x), labels.reshape([-1]));
      };
      const form = mapTree(
        { x: fromData(x.dtype, zeros(x.dtype, x.shape), x.shape), labels: labelsOf(labels) },
        ({ value }, path) => new Tensor(input(`batch ${path}`, value.dtype, value.shape)),
      );
      const options = { parameters, loss: loss as LossFunction<Tree, Tree>, optimizer: adam() };
      await using training = await Training.create(options, form);
      const columns = curveBatches(curve).map((batch) => ({
        "batch x":
          batch.x instanceof Float32Array
            ? ({ dtype: "float32", data: batch.x, shape: x.shape } as const)
            : ({ dtype: "int64", data: BigInt64Array.from(batch.x, BigInt), shape: x.shape } as const),
        "batch labels": {
          dtype: "int64",
          data: BigInt64Array.from(batch.labels, BigInt),
          shape: labels,
        } as const,
      }));
      const rates = new Float64Array(columns.length).fill(trainingCurves.learningRate);
      const { losses } = await training.steps(form, { columns }, rates, 0);
      assertCloseTo(losses, curve.losses, 1e-3, "loss");
    });
  }
});

function zeros(dtype: "float32" | "int64", shape: readonly number[]): Float32Array | BigInt64Array {
  const length = shape.reduce((product, size) => product * size, 1);
  return dtype === "float32" ? new Float32Array(length) : new BigInt64Array(length);
}

function labelsOf(shape: readonly number[]): Tensor {
  return fromData("int64", new BigInt64Array(shape.reduce((product, size) => product * size, 1)), shape);
}

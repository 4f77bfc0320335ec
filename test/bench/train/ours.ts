/** @file Tenon as a subject of `npm run bench -- train`: `ours.ts THREADS`. */
import { lower } from "../../../ml/graph/lower.ts";
import { encodeModel } from "../../../ml/graph/encode.ts";
import { exp, log, multiply, relu, subtract } from "../../../ml/graph/ops/elementwise.ts";
import { gemm, matmul } from "../../../ml/graph/ops/matmul.ts";
import { max, mean, sum } from "../../../ml/graph/ops/reduce.ts";
import { Session } from "../../../ml/graph/runtime/session.ts";
import { type Loss, type Parameter, TrainingSession } from "../../../ml/graph/training-session.ts";
import { input, stopGradient, type Value } from "../../../ml/graph/value.ts";
import { Random } from "../../../ml/random.ts";
import type { TrainCaseName } from "./cases.ts";
import { type Trainable, serveSubject } from "./serve-subject.ts";
import { batches, matrices } from "./training-samples.ts";

const threads = Number(process.argv[2]);
const rate = 1e-3;

/** The cases that the engine has the operators for. */
const builders: Readonly<Partial<Record<TrainCaseName, () => Promise<Trainable>>>> = { matmul: product, mlp };

await serveSubject(async (name) => {
  const build = builders[name];
  if (!build) throw new Error(`"${name}" is not built with Tenon yet`);
  return build();
});

async function product(): Promise<Trainable> {
  const size = 1024;
  const shape = [size, size];
  const [left, right] = matrices();
  const start = performance.now();
  const [a, b] = [input("a", "float32", shape), input("b", "float32", shape)];
  const { model } = lower([a, b], { product: matmul(a, b) });
  const session = await Session.create(encodeModel(model), { threads });
  const compileSeconds = (performance.now() - start) / 1000;
  const result = new Float32Array(size * size);
  const inputs = {
    a: { dtype: "float32", data: left, shape },
    b: { dtype: "float32", data: right, shape },
  } as const;
  const outputs = { product: { dtype: "float32", data: result, shape } } as const;
  return {
    ready: "ONNX Runtime session",
    compileSeconds,
    step: async () => void (await session.run(inputs, outputs)),
    result: () => result.reduce((total, each) => total + each, 0) / result.length,
  };
}

async function mlp(): Promise<Trainable> {
  const [batch, classes] = [128, 10];
  const data = batches("mlp").map(({ x, labels }) => {
    const targets = new Float32Array(batch * classes);
    for (const [row, label] of labels.entries()) targets[row * classes + label] = 1;
    return {
      x: { dtype: "float32", data: Float32Array.from(x), shape: [batch, 784] },
      targets: { dtype: "float32", data: targets, shape: [batch, classes] },
    } as const;
  });
  const random = new Random(1);
  const parameters = [784, 256, 128, classes].flatMap((width, index, widths): Parameter[] => {
    const inputs = widths[index - 1];
    if (inputs === undefined) return [];
    const bound = 1 / Math.sqrt(inputs);
    const draw = (length: number): Float32Array =>
      Float32Array.from({ length }, () => bound * (2 * random.uniform() - 1));
    return [
      { name: `weight ${index}`, shape: [inputs, width], data: draw(inputs * width) },
      { name: `bias ${index}`, shape: [width], data: draw(width) },
    ];
  });
  const start = performance.now();
  const session = await TrainingSession.create(
    (values) => perceptronLoss(values, batch, classes),
    parameters,
  );
  const compileSeconds = (performance.now() - start) / 1000;
  let steps = 0;
  return {
    ready: `training session, Adam outside the graph${threads === 1 ? "" : "; one thread"}`,
    compileSeconds,
    step: async () => {
      const each = data[steps++ % data.length];
      if (!each) throw new Error("there are no batches");
      return session.step(each, rate);
    },
  };
}

/** Layers of weights [inputs, outputs] with biases and ReLU between them; the mean cross-entropy of their logits. */
function perceptronLoss(parameters: readonly Value[], batch: number, classes: number): Loss {
  const x = input("x", "float32", [batch, 784]);
  const targets = input("targets", "float32", [batch, classes]);
  let layer: Value = x;
  for (let index = 0; index < parameters.length; index += 2) {
    const [weight, bias] = parameters.slice(index, index + 2);
    if (!weight || !bias) throw new Error("a layer needs weights and a bias");
    layer = gemm(index === 0 ? layer : relu(layer), weight, bias);
  }
  const shifted = subtract(layer, stopGradient(max(layer, { axes: 1, keepAxes: true })));
  const logs = subtract(log(sum(exp(shifted), { axes: 1 })), sum(multiply(shifted, targets), { axes: 1 }));
  return { inputs: [x, targets], loss: mean(logs) };
}

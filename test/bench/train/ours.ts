/** @file Tenon as a subject of `npm run bench -- train`: `ours.ts THREADS`. */
import { lower } from "../../../ml/graph/lower.ts";
import { encodeOnnx } from "../../../ml/graph/onnx/encode.ts";
import { adam, type Optimizer } from "../../../ml/graph/optimizers/index.ts";
import { matmul } from "../../../ml/graph/ops/matmul.ts";
import { Session } from "../../../ml/graph/runtime/session.ts";
import { leaves } from "../../../ml/graph/trees.ts";
import { input } from "../../../ml/graph/value.ts";
import { Training } from "../../../ml/nn/training/training.ts";
import type { TrainCaseName } from "./cases.ts";
import { type Trainable, serveSubject } from "./serve-subject.ts";
import { matrices } from "./training-samples.ts";
import { networks } from "./our-networks.ts";

const threads = Number(process.argv[2]);
const rate = 1e-3;
const optimizer: Optimizer = adam();

await serveSubject(async (name) => (name === "matmul" ? product() : training(name)));

async function product(): Promise<Trainable> {
  const size = 1024;
  const shape = [size, size];
  const [left, right] = matrices();
  const start = performance.now();
  const [a, b] = [input("a", "float32", shape), input("b", "float32", shape)];
  const { model } = lower([a, b], { product: matmul(a, b) });
  const session = await Session.create(encodeOnnx(model), { threads });
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

/** The steps that `fit` takes, in the runtime's thread: batches gathered, gradients, Adam, the loss of each. */
async function training(name: Exclude<TrainCaseName, "matmul">): Promise<Trainable> {
  const { parameters, data, batchSize, loss } = networks[name]();
  const form = data.batch(batchSize);
  const start = performance.now();
  const running = await Training.create({ parameters, loss, optimizer, seed: 1 }, form);
  const kept = await running.keep(data, batchSize);
  const rows = Uint32Array.from({ length: data.rows }, (_, row) => row);
  let step = 0;
  const steps = async (count: number): Promise<number> => {
    const taken = new Uint32Array(count * batchSize);
    for (let index = 0; index < count; index++) {
      const from = ((step + index) * batchSize) % data.rows;
      taken.set(rows.subarray(from, from + batchSize), index * batchSize);
    }
    const batches = { data: kept, rows: taken, batchSize };
    const { losses } = await running.steps(form, batches, new Float64Array(count).fill(rate), step);
    step += count;
    return losses.at(-1) ?? Number.NaN;
  };
  // The program is loaded with its first step, which belongs to it.
  await steps(1);
  return {
    ready: `${leaves(parameters).length} parameters; Adam in WebAssembly`,
    compileSeconds: (performance.now() - start) / 1000,
    step: () => steps(1),
    steps,
  };
}

/**
 * @file What `fit` adds to a step: `fit-overhead.ts CASE ROUNDS THREADS` prints the percentages, one for each round.
 *
 * In a round an epoch of `fit` (rows shuffled and gathered, the steps asked of the runtime's thread, losses reported) is
 * followed by as many steps of the same program on a batch that lies there, and of the optimizer, in this thread. Both give
 * the memory of what nobody reads back at once.
 */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { evaluate } from "../../../ml/graph/evaluate.ts";
import { adam, OptimizerState } from "../../../ml/graph/optimizers/index.ts";
import { forCpu } from "../../../ml/graph/runtime/for-cpu.ts";
import { Session } from "../../../ml/graph/runtime/session.ts";
import { releaseCopies } from "../../../ml/graph/runtime/release-copies.ts";
import { toOrtTensor } from "../../../ml/graph/runtime/tensor-data.ts";
import { gradientOutput, lossOutput } from "../../../ml/graph/runtime/training-protocol.ts";
import { leaves } from "../../../ml/graph/trees.ts";
import { fit } from "../../../ml/nn/index.ts";
import { traceLoss } from "../../../ml/nn/training/training-program.ts";
import { networks, type Network } from "./our-networks.ts";

/** Milliseconds that an epoch of `fit` is to take: the shorter a step, the more of them. */
const epochMilliseconds = 600;
const rate = 1e-3;

const [name = "", rounds = "", threads = ""] = process.argv.slice(2);
const make = Object.entries(networks).find(([known]) => known === name)?.[1];
if (!make) throw new Error(`there is no case "${name}"`);
const network = make();
const bare = await bareSteps(network, Number(threads));
await bare(3);
const each = (await bare(5)) / 5;
const steps = Math.max(10, Math.round(epochMilliseconds / each));
const rows = network.data.rows;
const data = await network.data.take(
  Uint32Array.from({ length: steps * network.batchSize }, (_, row) => row % rows),
);
const percentages: number[] = [];
await fit({
  ...network,
  data,
  optimizer: adam(),
  learningRate: rate,
  // The first compiles, and finds how many steps to ask for at once.
  epochs: Number(rounds) + 1,
  onEpoch: async ({ epoch, seconds }) => {
    const milliseconds = await bare(steps);
    if (epoch > 1) percentages.push(100 * ((1000 * seconds) / milliseconds - 1));
  },
});
process.stdout.write(`${JSON.stringify(percentages)}\n`);

/** The step of a network without all that `fit` adds: takes so many and gives the milliseconds. */
async function bareSteps(
  { parameters, data: all, batchSize, loss }: Network,
  threadCount: number,
): Promise<(count: number) => Promise<number>> {
  const traced = traceLoss(loss, parameters, all.batch(batchSize), false);
  const session = await Session.create(await forCpu(traced.model), {
    threads: threadCount,
    flushDenormals: true,
  });
  const found = leaves(parameters);
  const values = await evaluate(found.map(([, { value }]) => value));
  const known = new Map(found.map(([path], index) => [path, values[index]]));
  const specs = traced.trained.map((path) => ({
    name: path,
    shape: known.get(path)?.shape ?? [],
    decay: true,
  }));
  const state = new OptimizerState(specs, adam());
  const feeds: Record<string, OrtTensor> = {};
  const fetches: Record<string, OrtTensor | null> = { [lossOutput]: null };
  for (const [index, { name: path, shape }] of specs.entries()) {
    const [parameter, gradient] = [state.parameters[index], state.gradients[index]];
    const value = known.get(path);
    if (!parameter || !gradient || value?.dtype !== "float32") throw new Error(`"${path}" is not trained`);
    parameter.set(value.data);
    feeds[path] = toOrtTensor({ dtype: "float32", data: parameter, shape });
    fetches[gradientOutput(path)] = toOrtTensor({ dtype: "float32", data: gradient, shape });
  }
  const gradients = specs.map(({ name: path }) => gradientOutput(path));
  const first = await all.take(Uint32Array.from({ length: batchSize }, (_, row) => row));
  for (const [input, column] of Object.entries(await first.columns())) feeds[input] = toOrtTensor(column);
  return async (count) => {
    const started = performance.now();
    for (let step = 0; step < count; step++) {
      const results = await session.runTensors(feeds, fetches);
      releaseCopies(gradients, results, fetches);
      state.step(rate);
    }
    return performance.now() - started;
  };
}

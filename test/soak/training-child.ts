/** @file Trains a network of the benchmark by `fit` and tells what memory it holds: `training-child.ts NAME STEPS`. */
import { runtimeContents } from "../../ml/graph/index.ts";
import { adam, fit } from "../../ml/nn/index.ts";
import { networks } from "../bench/train/our-networks.ts";

const [name = "", steps = ""] = process.argv.slice(2);
const make = Object.entries(networks).find(([known]) => known === name)?.[1];
if (!make) throw new Error(`there is no network "${name}"`);
const { parameters, data, batchSize, loss } = make();
const stepsPerEpoch = data.rows / batchSize;
const epochs = Math.ceil(Number(steps) / stepsPerEpoch);
const samples: { readonly step: number; readonly bytes: number }[] = [];
const { history } = await fit({
  parameters,
  data,
  batchSize,
  loss,
  optimizer: adam(),
  learningRate: 1e-3,
  epochs,
  onEpoch: ({ epoch }) => {
    // What JavaScript has not collected yet is no growth of what is held.
    globalThis.gc?.();
    samples.push({ step: epoch * stepsPerEpoch, bytes: process.memoryUsage.rss() });
  },
});
const { trainings, datasets, tensors } = await runtimeContents();
const [first, last] = [history[0]?.loss, history.at(-1)?.loss];
process.stdout.write(
  `${JSON.stringify({ samples, losses: [first, last], left: trainings + datasets + tensors })}\n`,
);

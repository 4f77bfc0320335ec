/** @file `CASE SECONDS`: trains a network on the provider of `TENON_PROVIDER`; writes how fast as one line of JSON. */
import { useProvider } from "../../ml/graph/shared-runtime.ts";
import { bestProvider } from "../../ml/graph/runtime/choose-provider.ts";
import { adam } from "../../ml/graph/optimizers/index.ts";
import { dataset } from "../../ml/nn/training/dataset.ts";
import { Training } from "../../ml/nn/training/training.ts";
import { gpuCase, gpuCaseNames } from "./gpu-cases.ts";

const [wanted, seconds] = [process.argv[2], Number(process.argv[3])];
const name = gpuCaseNames.find((each) => each === wanted);
if (name === undefined) throw new Error(`"${wanted}" is none of ${gpuCaseNames.join(", ")}`);
const provider = await bestProvider();
useProvider(provider);
const { parameters, loss, data, batchSize } = gpuCase(name);
const start = performance.now();
const samples = dataset(data);
const form = samples.batch(batchSize);
await using training = await Training.create({ parameters, loss, optimizer: adam() }, form);
const number = await training.keep(samples, batchSize);
let done = 0;
let lastLoss = Number.NaN;

/** Takes steps through the batches in turn; gives the seconds of one. */
async function run(steps: number): Promise<number> {
  const rows = Uint32Array.from(
    { length: steps * batchSize },
    (_, index) => (done * batchSize + index) % samples.rows,
  );
  const rates = new Float64Array(steps).fill(1e-3);
  const begun = performance.now();
  const { losses } = await training.steps(form, { data: number, rows, batchSize }, rates, done);
  const took = (performance.now() - begun) / 1000 / steps;
  done += steps;
  lastLoss = losses.at(-1) ?? Number.NaN;
  return took;
}

await run(1);
const compileSeconds = (performance.now() - start) / 1000;
const firstLoss = lastLoss;
let step = await run(3);
const rounds: number[] = [];
for (let round = 0; round < 3; round++) {
  step = await run(Math.max(2, Math.min(2000, Math.round(seconds / 3 / step))));
  rounds.push(step);
}
const median = rounds.toSorted((a, b) => a - b)[1] ?? step;
const result = {
  case: name,
  provider: training.provider,
  stepsPerSecond: 1 / median,
  compileSeconds,
  steps: done,
  firstLoss,
  lastLoss,
};
process.stdout.write(`${JSON.stringify(result)}\n`);

/** @file What `npm run bench -- train` measures. Every training step ends with its loss read; Adam, rate 1e-3. */
import type { BenchCase } from "../bench-row.ts";

const trained = (name: string): BenchCase => ({ name: `${name}, steps/s`, unit: "1/s", better: "more" });

/** The cases by the names that `--case` takes. */
export const trainCases = {
  mlp: trained("MLP 784-256-128-10, batch 128"),
  cnn: trained("CNN conv 8, conv 16, batch 64"),
  lenet: trained("LeNet-5, batch 128"),
  lstm: trained("LSTM 64 to 128, 50 steps, batch 64"),
  transformer: trained("transformer, 4 layers of 128, 128 tokens, batch 16"),
  matmul: { name: "matrix product, 1024³", unit: "ms", better: "less" },
} satisfies Readonly<Record<string, BenchCase>>;

/** The name of a case. */
export type TrainCaseName = keyof typeof trainCases;

/** The names of all cases, in the order in which they run. */
export const trainCaseNames = Object.keys(trainCases).filter((name): name is TrainCaseName =>
  Object.hasOwn(trainCases, name),
);

/** The peak of a subject's memory over all rounds of a case. */
export const peakMemory = (name: TrainCaseName): BenchCase => ({
  name: `${name}, peak memory`,
  unit: "MiB",
  better: "less",
});

/** The time until a case's program is ready to train, without its data. */
export const compileTime = (name: TrainCaseName): BenchCase => ({
  name: `${name}, trace and compile`,
  unit: "ms",
  better: "less",
});

/** What `fit` adds to the time of a step of the bare session and optimizer. */
export const fitOverhead = (name: TrainCaseName): BenchCase => ({
  name: `${name}, fit over the bare step`,
  unit: "%",
  better: "less",
});

/** @file The tests of the graph engine that hold on every provider: values and gradients against their references. */
import { runTestFile, type TestResult } from "./collect-tests.ts";

const files: Readonly<Record<string, () => Promise<unknown>>> = {
  "ops.test.ts": async () => import("../ml/graph/ops.test.ts"),
  "layers.test.ts": async () => import("../ml/graph/layers.test.ts"),
  "sequences.test.ts": async () => import("../ml/graph/sequences.test.ts"),
  "gradients.test.ts": async () => import("../ml/graph/gradients.test.ts"),
  "scan.test.ts": async () => import("../ml/graph/scan.test.ts"),
  "vmap.test.ts": async () => import("../ml/graph/vmap.test.ts"),
  "reductions.test.ts": async () => import("../ml/graph/reductions.test.ts"),
  "second-gradients.test.ts": async () => import("../ml/graph/second-gradients.test.ts"),
  "convolution-groups.test.ts": async () => import("../ml/graph/convolution-groups.test.ts"),
  "device-training.test.ts": async () => import("../ml/graph/device-training.test.ts"),
  "half-training.test.ts": async () => import("../ml/graph/half-training.test.ts"),
  "kept-tensors.test.ts": async () => import("../ml/graph/kept-tensors.test.ts"),
};

/** The names of the files, in the order in which they run. */
export const numericFiles: readonly string[] = Object.keys(files);

/** Runs the tests of a file on the provider that the process was started for (`TENON_PROVIDER`). */
export async function runNumericFile(file: string, report: (result: TestResult) => void): Promise<void> {
  const load = files[file];
  if (!load) throw new Error(`the numeric suite has no ${file}`);
  await runTestFile(file, load, report);
}

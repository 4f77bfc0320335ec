/**
 * @file Computes all operations and trains all models on the backend that its argument names, and prints the numbers as
 * JSON, on the last line. A process of its own, since native libraries, drivers and their environment belong to a process.
 */
import type { Tensor } from "@tensorflow/tfjs";
import { tensorflow, type TensorFlowBackend } from "../../../ml/tf/index.ts";
import type { BackendResults, Numbers } from "./conformance.ts";
import { models, train } from "./models.ts";
import { operations } from "./operations.ts";

const tf = await tensorflow({ backend: process.argv[2] as TensorFlowBackend });
const results: BackendResults = { backend: tf.getBackend(), cases: {} };
for (const operation of operations)
  await record(operation.name, async () => {
    const tensors = tf.tidy(() => [operation.compute(tf)].flat());
    return await readAll(Object.fromEntries(tensors.map((tensor, index) => [`result ${index}`, tensor])));
  });
for (const model of models) await record(model.name, async () => await readAll(await train(tf, model)));
// Backends and progress bars write to stdout too.
process.stdout.write(`\n${JSON.stringify(results)}`);

async function record(name: string, compute: () => Promise<Numbers>): Promise<void> {
  try {
    results.cases[name] = { numbers: await compute() };
  } catch (error) {
    results.cases[name] = { error: String(error) };
  }
}

async function readAll(tensors: Readonly<Record<string, Tensor>>): Promise<Numbers> {
  const entries: [string, Numbers[string]][] = [];
  for (const [name, tensor] of Object.entries(tensors))
    entries.push([name, { dtype: tensor.dtype, shape: tensor.shape, data: Array.from(await tensor.data()) }]);
  tf.dispose(Object.values(tensors));
  return Object.fromEntries(entries);
}

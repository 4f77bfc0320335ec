/** @file What a model answers by a provider, for a process that was given a Vulkan driver: DIRECTORY PROVIDER. */
import { loadPackage } from "../../../ml/serve/service/load-package.ts";
import { parseProvider } from "../../../ml/graph/runtime/provider.ts";
import type { ModelInputs } from "../../../ml/serve/plan/model-inputs.ts";

/** Rows of two numbers, the same each time. */
const inputs = (rows: number): ModelInputs => ({
  rows,
  numbers: new Float64Array(0),
  texts: [],
  tensors: [Float32Array.from({ length: 2 * rows }, (_, at) => ((at * 37) % 23) / 23)],
  shapes: [[rows, 2]],
});

const [directory = "", named = ""] = process.argv.slice(2);
const provider = named === "best" ? named : parseProvider(named, "the provider");
const warnings: string[] = [];
const onError = (error: unknown): void => void warnings.push(String(error));
const source = { name: "slow", version: "1", directory };
const { engine } = await loadPackage(source, onError, { provider });
const limits = { deadline: Number.POSITIVE_INFINITY, priority: 0, signal: undefined };
const [first] = await engine.run(inputs(3), limits);
const [second] = await engine.run(inputs(40), limits);
const { platform } = engine;
await engine.close();
const values = [first, second].map((tensor) => Array.from(tensor?.data ?? [], Number));
process.stdout.write(JSON.stringify({ platform, values, warnings }));

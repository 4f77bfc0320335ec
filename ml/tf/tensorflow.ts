/**
 * @file Which backend TensorFlow.js runs on. A backend counts as working when it has computed a known value and
 * gradient here, in this process. TensorFlow.js has one current backend for a process, so starts follow one another.
 */
import { startCpu } from "./cpu-backend.ts";
import { AdapterMissingError, BackendError, PackageMissingError } from "./errors.ts";
import { startNode } from "./node-backend.ts";
import { firstLine, installCommand, type TensorFlow } from "./packages.ts";
import { startWasm } from "./wasm-backend.ts";
import { startWebgpu } from "./webgpu-backend.ts";

export type { TensorFlow } from "./packages.ts";

/**
 * Where TensorFlow.js computes, the fastest first: native TensorFlow with CUDA (`@tensorflow/tfjs-node-gpu`) or without
 * (`@tensorflow/tfjs-node`), WebGPU (`webgpu`), WebAssembly with SIMD, plain JavaScript.
 */
export type TensorFlowBackend = "node-gpu" | "node" | "webgpu" | "wasm" | "cpu";

/** How {@link tensorflow} chooses. */
export interface TensorFlowOptions {
  /** The backend to use, and no other; without it, the first that works. */
  readonly backend?: TensorFlowBackend;
}

const starts: Readonly<Record<TensorFlowBackend, () => Promise<TensorFlow>>> = {
  "node-gpu": () => startNode("@tensorflow/tfjs-node-gpu"),
  node: () => startNode("@tensorflow/tfjs-node"),
  webgpu: () => startWebgpu("any adapter"),
  wasm: startWasm,
  cpu: startCpu,
};

const automaticStarts: readonly (readonly [TensorFlowBackend, () => Promise<TensorFlow>])[] = [
  ["node-gpu", starts["node-gpu"]],
  ["node", starts.node],
  // One that the processor simulates is slower than WebAssembly.
  ["webgpu", () => startWebgpu("hardware only")],
  ["wasm", starts.wasm],
];

let previous: Promise<unknown> = Promise.resolve();
let chosen: TensorFlowBackend | undefined;

/**
 * TensorFlow.js, ready on the best backend that works on this machine, or on the one asked for. Later calls without a
 * backend give the one that was found first.
 *
 * On `webgpu` values are read by `await tensor.data()`; `dataSync` needs a browser there.
 *
 * @throws {@link PackageMissingError} when a package that is needed is not installed; the message says how to
 * @throws {@link AdapterMissingError} when `webgpu` was asked for and there is no adapter
 * @throws {@link BackendError} when the backend that was asked for does not work
 */
export async function tensorflow({ backend }: TensorFlowOptions = {}): Promise<TensorFlow> {
  const start = previous.then(() => (backend === undefined ? startBest() : startNamed(backend)));
  previous = start.catch(() => undefined);
  return await start;
}

async function startNamed(backend: TensorFlowBackend): Promise<TensorFlow> {
  if (!Object.hasOwn(starts, backend)) {
    throw new BackendError(
      `there is no backend "${backend}"; there are ${Object.keys(starts)
        .map((name) => `"${name}"`)
        .join(", ")}`,
    );
  }
  return await starts[backend]();
}

async function startBest(): Promise<TensorFlow> {
  for (const [backend, start] of automaticStarts) {
    if (chosen !== undefined && backend !== chosen) continue;
    try {
      const tf = await start();
      chosen = backend;
      return tf;
    } catch (error) {
      if (error instanceof BackendError)
        console.warn(`TensorFlow.js: the backend "${backend}" does not work: ${firstLine(error)}`);
      else if (!(error instanceof PackageMissingError || error instanceof AdapterMissingError)) throw error;
    }
  }
  const tf = await startCpu();
  if (chosen !== "cpu")
    console.warn(
      `TensorFlow.js runs in plain JavaScript, which is slow; for WebAssembly run: ${installCommand(["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"])}`,
    );
  chosen = "cpu";
  return tf;
}

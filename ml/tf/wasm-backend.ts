/** @file TensorFlow.js in WebAssembly with SIMD, with the kernels that it lacks or has slow. */
import { useBackend } from "./known-result.ts";
import { findPackages, loadModule, loadTensorFlow, type TensorFlow } from "./packages.ts";
import { registerKernels } from "./wasm/kernels.ts";

const patched = new WeakSet<TensorFlow>();

/** Starts TensorFlow.js in WebAssembly. @throws {@link PackageMissingError} {@link BackendError} */
export async function startWasm(): Promise<TensorFlow> {
  const [core = "", backend = ""] = findPackages(["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"]);
  const tf = loadTensorFlow(core);
  loadModule(backend);
  if (!patched.has(tf)) {
    patched.add(tf);
    registerKernels(tf);
  }
  await keepingProcessListeners(() => useBackend(tf, "wasm"));
  return tf;
}

/** The WebAssembly module makes every unhandled rejection of the process an exception, also the user's: not here. */
async function keepingProcessListeners(start: () => Promise<void>): Promise<void> {
  const events = ["uncaughtException", "unhandledRejection"];
  const before = new Map(events.map((event) => [event, new Set(process.rawListeners(event))]));
  try {
    await start();
  } finally {
    for (const [event, known] of before)
      for (const listener of process.rawListeners(event)) {
        // SAFETY: what an emitter lists are the functions that it was given as listeners.
        if (!known.has(listener)) process.removeListener(event, listener as (...args: unknown[]) => void);
      }
  }
}

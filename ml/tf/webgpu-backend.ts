/**
 * @file TensorFlow.js on WebGPU, through Dawn in npm's `webgpu`. The backend expects a browser's globals: they are put
 * in place once an adapter is known to be there, and stay.
 */
import { pathToFileURL } from "node:url";
import { AdapterMissingError, BackendError } from "./errors.ts";
import { useBackend } from "./known-result.ts";
import { findPackages, firstLine, loadModule, loadTensorFlow, type TensorFlow } from "./packages.ts";
import { findAdapter } from "./webgpu-adapter.ts";

/**
 * Starts TensorFlow.js on WebGPU.
 * @throws {@link PackageMissingError} {@link BackendError}
 * @throws {@link AdapterMissingError} when there is no adapter, or only a simulated one and hardware is wanted
 */
export async function startWebgpu(wanted: "any adapter" | "hardware only"): Promise<TensorFlow> {
  const [core = "", backend = "", dawn = ""] = findPackages([
    "@tensorflow/tfjs",
    "@tensorflow/tfjs-backend-webgpu",
    "webgpu",
  ]);
  const kind = await findAdapter(dawn);
  if (kind === "software" && wanted === "hardware only")
    throw new AdapterMissingError(
      "WebGPU finds no adapter on this machine but one that the processor simulates",
    );
  if (!hasGpu()) await installGlobals(dawn);
  const tf = loadTensorFlow(core);
  loadModule(backend);
  await useBackend(tf, "webgpu");
  return tf;
}

function hasGpu(): boolean {
  const navigator: unknown = Reflect.get(globalThis, "navigator");
  return typeof navigator === "object" && navigator !== null && "gpu" in navigator;
}

async function installGlobals(path: string): Promise<void> {
  let dawn: unknown;
  try {
    dawn = await import(pathToFileURL(path).href);
  } catch (cause) {
    throw new BackendError(`webgpu does not load: ${firstLine(cause)}`, { cause });
  }
  if (!isDawn(dawn)) throw new BackendError(`${path} is not webgpu`);
  Object.assign(globalThis, dawn.globals);
  // Node 20 has no navigator.
  const navigator: object = Reflect.get(globalThis, "navigator") ?? {};
  Object.defineProperty(navigator, "gpu", { value: dawn.create([]), configurable: true, enumerable: true });
  if (!("navigator" in globalThis))
    Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true, writable: true });
}

function isDawn(module: unknown): module is { create(options: string[]): object; globals: object } {
  return (
    typeof module === "object" &&
    module !== null &&
    "create" in module &&
    typeof module.create === "function" &&
    "globals" in module &&
    typeof module.globals === "object"
  );
}

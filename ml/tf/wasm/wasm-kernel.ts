/** @file What a kernel of the WebAssembly backend is: inputs and attributes in, tensors on the WebAssembly heap out. */
import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { BackendError } from "../errors.ts";
import type { TensorFlow } from "../packages.ts";

/** A kernel with its inputs and attributes as TensorFlow.js declares them under the kernel's name. */
export interface WasmKernel<Inputs, Attributes> {
  readonly name: string;
  compute(inputs: Inputs, attributes: Attributes, backend: BackendWasm): TensorInfo | TensorInfo[];
}

/** Registers a kernel for the WebAssembly backend, in the place of the one that it has under this name. */
export function registerKernel<Inputs, Attributes>(
  tf: TensorFlow,
  kernel: WasmKernel<Inputs, Attributes>,
): void {
  const { name } = kernel;
  const existing = findKernel(tf, name);
  if (existing !== undefined) tf.unregisterKernel(name, "wasm");
  tf.registerKernel({
    ...existing,
    kernelName: name,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) =>
      // SAFETY: TensorFlow.js calls a kernel with what it declares under its name and the backend it is registered for.
      kernel.compute(inputs as unknown as Inputs, attrs as unknown as Attributes, backend as BackendWasm),
  });
}

/** The kernel that the WebAssembly backend has under a name. */
export function findKernel(tf: TensorFlow, name: string): KernelConfig | undefined {
  return tf.getKernel(name, "wasm");
}

/** As {@link findKernel}. @throws {@link BackendError} when there is none */
export function existingKernel(tf: TensorFlow, name: string): KernelConfig {
  const kernel = findKernel(tf, name);
  if (kernel === undefined) throw new BackendError(`the WebAssembly backend has no kernel ${name}`);
  return kernel;
}

/**
 * Runs a kernel of the WebAssembly backend that has one result. Who calls it disposes of the result.
 * @throws {@link BackendError} when there is no such kernel
 */
export function runKernel(
  tf: TensorFlow,
  backend: BackendWasm,
  kernel: string | KernelConfig,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap,
): TensorInfo {
  const config = typeof kernel === "string" ? existingKernel(tf, kernel) : kernel;
  const result = config.kernelFunc({ inputs, backend, attrs });
  if (Array.isArray(result))
    throw new BackendError(`the kernel ${config.kernelName} has more than one result`);
  return result;
}

/** @file What can compute: ONNX Runtime's execution providers, in the order of preference. */
import { RuntimeError } from "../errors.ts";

/** Where programs run. */
export type Provider = "cuda" | "webgpu" | "cpu";

/** All providers, the best first. */
export const allProviders: readonly Provider[] = ["cuda", "webgpu", "cpu"];

/**
 * The provider that a text names.
 * @throws {@link RuntimeError} when there is none of that name
 */
export function parseProvider(text: string, from: string): Provider {
  const found = allProviders.find((each) => each === text);
  if (!found) throw new RuntimeError(`${from}: "${text}" is none of ${allProviders.join(", ")}`);
  return found;
}

/**
 * Whether tensors can stay where a provider computes. ONNX Runtime for Node keeps them on WebGPU's devices only; of a run
 * on CUDA everything comes back.
 */
export const keepsOnDevice = (provider: Provider): boolean => provider === "webgpu";

/** @file Native TensorFlow, where the user has installed one of its two packages. */
import { createRequire } from "node:module";
import { useBackend } from "./known-result.ts";
import { findPackages, loadTensorFlow, type TensorFlow } from "./packages.ts";

/** Starts TensorFlow.js on native TensorFlow. @throws {@link PackageMissingError} {@link BackendError} */
export async function startNode(
  name: "@tensorflow/tfjs-node" | "@tensorflow/tfjs-node-gpu",
): Promise<TensorFlow> {
  const [path = ""] = findPackages([name]);
  restoreTypeTests();
  const tf = loadTensorFlow(path);
  await useBackend(tf, "tensorflow");
  return tf;
}

/** `@tensorflow/tfjs-node` calls two functions of `node:util` that Node 23 removed. */
function restoreTypeTests(): void {
  const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
  util["isNullOrUndefined"] ??= (value: unknown): boolean => value === null || value === undefined;
  util["isArray"] ??= Array.isArray;
}

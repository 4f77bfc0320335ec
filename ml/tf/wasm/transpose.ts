import type { TensorInfo } from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorFlow } from "../packages.ts";
import { runKernel } from "./wasm-kernel.ts";

/** Matrices `[..., rows, columns]` as new ones `[..., columns, rows]`, which the caller disposes of. */
export function transposeMatrices(tf: TensorFlow, backend: BackendWasm, x: TensorInfo): TensorInfo {
  const rank = x.shape.length;
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return runKernel(tf, backend, "Transpose", { x }, { perm });
}

import type { TensorFlow } from "../packages.ts";
import { computedOnCpu } from "./computed-on-cpu.ts";
import { conv2dBackpropFilter } from "./conv2d-backprop-filter.ts";
import { batchMatMul, fusedMatMul } from "./mat-mul.ts";
import { unsortedSegmentSum } from "./unsorted-segment-sum.ts";
import { findKernel, registerKernel } from "./wasm-kernel.ts";

/** Kernels that the WebAssembly backend lacks and the cpu backend computes for it. */
const onCpu = [
  "DepthwiseConv2dNativeBackpropFilter",
  "DepthwiseConv2dNativeBackpropInput",
  "Einsum",
  "StaticRegexReplace",
] as const;

/**
 * Gives the loaded WebAssembly backend the kernels that it lacks or has slow; one that a release has by now is kept,
 * but for the matrix products. Without complex numbers and ragged tensors, which it cannot hold or nobody trains with.
 */
export function registerKernels(tf: TensorFlow): void {
  registerKernel(tf, batchMatMul(tf));
  registerKernel(tf, fusedMatMul(tf));
  const missing = (name: string): boolean => findKernel(tf, name) === undefined;
  if (missing("Conv2DBackpropFilter")) registerKernel(tf, conv2dBackpropFilter(tf));
  if (missing("UnsortedSegmentSum")) registerKernel(tf, unsortedSegmentSum);
  for (const name of onCpu.filter(missing)) registerKernel(tf, computedOnCpu(tf, name));
}

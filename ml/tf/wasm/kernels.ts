import type { TensorFlow } from "../packages.ts";
import { cast } from "./cast.ts";
import { computedOnCpu } from "./computed-on-cpu.ts";
import { conv2dBackpropFilter } from "./conv2d-backprop-filter.ts";
import { batchMatMul, fusedMatMul } from "./mat-mul.ts";
import { maxPoolGrad } from "./max-pool-grad.ts";
import { unsortedSegmentSum } from "./unsorted-segment-sum.ts";
import { registerKernel } from "./wasm-kernel.ts";

/** Kernels that the WebAssembly backend lacks, or has wrong for negative numbers, and the cpu backend computes for it. */
const onCpu = [
  "DepthwiseConv2dNativeBackpropFilter",
  "DepthwiseConv2dNativeBackpropInput",
  "Einsum",
  "StaticRegexReplace",
  "MaxPool3D",
  "MaxPool3DGrad",
] as const;

/**
 * Gives the loaded WebAssembly backend the kernels that it lacks, has slow or has wrong. Complex numbers and ragged tensors
 * stay without: it cannot hold the former.
 */
export function registerKernels(tf: TensorFlow): void {
  registerKernel(tf, batchMatMul(tf));
  registerKernel(tf, fusedMatMul(tf));
  registerKernel(tf, conv2dBackpropFilter(tf));
  registerKernel(tf, maxPoolGrad(tf));
  registerKernel(tf, unsortedSegmentSum);
  registerKernel(tf, cast(tf));
  for (const name of onCpu) registerKernel(tf, computedOnCpu(tf, name));
}

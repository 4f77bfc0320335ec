/** @file Casts to booleans, which the WebAssembly backend makes by truncating to a byte: 0.5 and 256 came out false. */
import type { CastAttrs, KernelConfig, TensorInfo } from "@tensorflow/tfjs";
import type { TensorFlow } from "../packages.ts";
import { existingKernel, runKernel, type WasmKernel } from "./wasm-kernel.ts";

interface Inputs {
  readonly x: TensorInfo;
}

/** The numbers of `x` as another type; as booleans, whatever is not 0 is true. */
export function cast(tf: TensorFlow): WasmKernel<Inputs, CastAttrs> {
  const plain: KernelConfig = existingKernel(tf, "Cast");
  return {
    name: "Cast",
    compute: ({ x }, { dtype }, backend) => {
      if (dtype !== "bool" || x.dtype === "bool") return runKernel(tf, backend, plain, { x }, { dtype });
      const output = backend.makeOutput(x.shape, dtype);
      const values = backend.typedArrayFromHeap(x);
      const booleans = backend.typedArrayFromHeap(output);
      for (let index = 0; index < values.length; index++) booleans[index] = values[index] === 0 ? 0 : 1;
      return output;
    },
  };
}

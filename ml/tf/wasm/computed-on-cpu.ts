/** @file Kernels that the WebAssembly backend lacks, computed by the backend in plain JavaScript on copies. */
import type { backend_util, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { silenceWelcome } from "../cpu-backend.ts";
import { BackendError } from "../errors.ts";
import type { TensorFlow } from "../packages.ts";
import type { WasmKernel } from "./wasm-kernel.ts";

type BackendValues = backend_util.BackendValues;
type Inputs = NamedTensorInfoMap | readonly TensorInfo[];

/** The cpu backend's kernel of a name, of one result, for the WebAssembly backend. */
export function computedOnCpu(tf: TensorFlow, name: string): WasmKernel<Inputs, NamedAttrMap> {
  return {
    name,
    compute: (inputs, attrs, backend) => {
      const cpu = tf.engine().findBackend("cpu");
      if (!(cpu instanceof tf.MathBackendCPU))
        throw new BackendError("TensorFlow.js has lost its cpu backend");
      silenceWelcome(tf);
      const copies = Object.entries<TensorInfo | undefined>(inputs).flatMap(([key, input]) =>
        input === undefined
          ? []
          : [[key, cpu.makeTensorInfo(input.shape, input.dtype, backend.readSync(input.dataId))] as const],
      );
      const result = tf.getKernel(name, "cpu").kernelFunc({
        // SAFETY: a list goes where the kernel takes a list, which the declaration of kernelFunc leaves out.
        inputs: (Array.isArray(inputs)
          ? copies.map(([, copy]) => copy)
          : Object.fromEntries(copies)) as NamedTensorInfoMap,
        backend: cpu,
        attrs,
      });
      if (Array.isArray(result)) throw new BackendError(`${name} has more than one result`);
      const output = copyToHeap(backend, result, cpu.readSync(result.dataId));
      for (const info of [result, ...copies.map(([, copy]) => copy)]) cpu.disposeIntermediateTensorInfo(info);
      return output;
    },
  };
}

function copyToHeap(backend: BackendWasm, { shape, dtype }: TensorInfo, values: BackendValues): TensorInfo {
  if (dtype === "string") return backend.makeOutput(shape, dtype, undefined, values);
  const output = backend.makeOutput(shape, dtype);
  // SAFETY: of all types only strings, which are bytes for each element, are not numbers.
  backend.typedArrayFromHeap(output).set(values as ArrayLike<number>);
  return output;
}

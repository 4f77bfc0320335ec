/**
 * @file Matrix products of transposed matrices. The WebAssembly backend has XNNPACK's product for plain matrices, and a
 * plain loop for transposed ones, which every gradient needs: transposing them first is several times as fast.
 *
 * XNNPACK's product is prepared once for each second factor and found again by its data, whatever shape the data has by
 * then: the same vector as a column and later as a row gives wrong numbers. Data in a second shape is copied first.
 */
import type {
  _FusedMatMulAttrs,
  BatchMatMulAttrs,
  DataId,
  KernelConfig,
  NamedTensorInfoMap,
  TensorInfo,
} from "@tensorflow/tfjs";
import type { TensorFlow } from "../packages.ts";
import { transposeMatrices } from "./transpose.ts";
import { existingKernel, runKernel, type WasmKernel } from "./wasm-kernel.ts";

interface Factors extends NamedTensorInfoMap {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

/** `a·b` for matrices `[batch, n, k]` and `[batch, k, m]`, each given transposed where its attribute says so. */
export function batchMatMul(tf: TensorFlow): WasmKernel<Factors, BatchMatMulAttrs> {
  return ofPlainMatrices(tf, "BatchMatMul");
}

/** As {@link batchMatMul}, with a bias added and an activation applied. */
export function fusedMatMul(tf: TensorFlow): WasmKernel<Factors, _FusedMatMulAttrs> {
  return ofPlainMatrices(tf, "_FusedMatMul");
}

function ofPlainMatrices<Attributes extends BatchMatMulAttrs | _FusedMatMulAttrs>(
  tf: TensorFlow,
  name: string,
): WasmKernel<Factors, Attributes> {
  const plain: KernelConfig = existingKernel(tf, name);
  const shapes = new WeakMap<DataId, string>();
  return {
    name,
    compute: (inputs, attributes, backend) => {
      const a = attributes.transposeA ? transposeMatrices(tf, backend, inputs.a) : inputs.a;
      const shape = inputs.b.shape.slice(-2).join();
      const hasOtherShape = (shapes.get(inputs.b.dataId) ?? shape) !== shape;
      const b = attributes.transposeB
        ? transposeMatrices(tf, backend, inputs.b)
        : hasOtherShape
          ? runKernel(tf, backend, "Identity", { x: inputs.b }, {})
          : inputs.b;
      if (b === inputs.b) shapes.set(b.dataId, shape);
      const product = runKernel(
        tf,
        backend,
        plain,
        { ...inputs, a, b },
        { ...attributes, transposeA: false, transposeB: false },
      );
      if (a !== inputs.a) backend.disposeData(a.dataId);
      if (b !== inputs.b) backend.disposeData(b.dataId);
      return product;
    },
  };
}

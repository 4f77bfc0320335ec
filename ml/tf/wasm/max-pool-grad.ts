/**
 * @file The gradient of two-dimensional maximum pooling. The one of the WebAssembly backend loses windows whose values are
 * all negative.
 */
import type { MaxPoolGradAttrs, TensorInfo } from "@tensorflow/tfjs";
import { BackendError } from "../errors.ts";
import type { TensorFlow } from "../packages.ts";
import type { WasmKernel } from "./wasm-kernel.ts";

interface Inputs {
  /** `[batch, height, width, channels]` of the output. */
  readonly dy: TensorInfo;
  /** `[batch, height, width, channels]` */
  readonly input: TensorInfo;
}

/**
 * `[batch, height, width, channels]`: each element of dy goes to the first maximum of its window, row by row, as on the
 * cpu backend.
 */
export function maxPoolGrad(tf: TensorFlow): WasmKernel<Inputs, MaxPoolGradAttrs> {
  return {
    name: "MaxPoolGrad",
    compute: ({ dy, input }, { filterSize, strides, pad, dimRoundingMode }, backend) => {
      const [batch, height, width, channels] = input.shape;
      if (batch === undefined || height === undefined || width === undefined || channels === undefined)
        throw new BackendError(`pooling takes four dimensions, not [${input.shape.join(", ")}]`);
      const pool = tf.backend_util.computePool2DInfo(
        [batch, height, width, channels],
        filterSize,
        strides,
        1,
        pad,
        dimRoundingMode,
      );
      const output = backend.makeOutput(input.shape, "float32");
      const gradient = backend.typedArrayFromHeap(output).fill(0);
      const x = backend.typedArrayFromHeap(input);
      const upstream = backend.typedArrayFromHeap(dy);
      let from = 0;
      for (let image = 0; image < batch; image++) {
        for (let outRow = 0; outRow < pool.outHeight; outRow++) {
          const firstRow = outRow * pool.strideHeight - pool.padInfo.top;
          const rows = [Math.max(0, firstRow), Math.min(height, firstRow + pool.filterHeight)] as const;
          for (let outColumn = 0; outColumn < pool.outWidth; outColumn++) {
            const firstColumn = outColumn * pool.strideWidth - pool.padInfo.left;
            const columns = [
              Math.max(0, firstColumn),
              Math.min(width, firstColumn + pool.filterWidth),
            ] as const;
            for (let channel = 0; channel < channels; channel++, from++) {
              let at = -1;
              let maximum = Number.NEGATIVE_INFINITY;
              for (let row = rows[0]; row < rows[1]; row++) {
                for (let column = columns[0]; column < columns[1]; column++) {
                  const index = ((image * height + row) * width + column) * channels + channel;
                  const value = x[index] ?? Number.NaN;
                  if (value > maximum) [maximum, at] = [value, index];
                }
              }
              if (at >= 0) gradient[at] = (gradient[at] ?? 0) + (upstream[from] ?? 0);
            }
          }
        }
      }
      return output;
    },
  };
}

/**
 * @file The gradient of a two-dimensional convolution by its filter, which the WebAssembly backend lacks.
 *
 * With y[n, p, q, o] = Σ x[n, p·s + i, q·s + j, c] · w[i, j, c, o] (x padded, s the stride) the gradient is
 * dw[i, j, c, o] = Σ x[n, p·s + i, q·s + j, c] · dy[n, p, q, o] over n, p, q: for each tap (i, j) of the filter one product
 * of the strided window of x, a matrix of `[n·p·q, c]`, transposed, with dy as `[n·p·q, o]`.
 */
import type { Conv2DBackpropFilterAttrs, TensorInfo } from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { BackendError } from "../errors.ts";
import type { TensorFlow } from "../packages.ts";
import { runKernel, type WasmKernel } from "./wasm-kernel.ts";

interface Inputs {
  /** `[batch, height, width, channels]` */
  readonly x: TensorInfo;
  /** `[batch, height, width, channels]` of the output. */
  readonly dy: TensorInfo;
}

/** `[height, width, channels, output channels]` of the filter. @throws {@link BackendError} for channels before pixels */
export function conv2dBackpropFilter(tf: TensorFlow): WasmKernel<Inputs, Conv2DBackpropFilterAttrs> {
  return {
    name: "Conv2DBackpropFilter",
    compute: ({ x, dy }, attributes, backend) => {
      const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attributes;
      if (dataFormat !== "NHWC")
        throw new BackendError(`the WebAssembly backend has convolutions of NHWC only, not of ${dataFormat}`);
      const conv = tf.backend_util.computeConv2DInfo(
        fourDimensions(x.shape),
        filterShape,
        strides,
        1,
        pad,
        dimRoundingMode,
      );
      const { inChannels, outChannels, outHeight, outWidth, strideHeight, strideWidth } = conv;
      const pixels = conv.batchSize * outHeight * outWidth;
      const padded = padPixels(tf, backend, x, conv.padInfo);
      const gradient = backend.makeOutput(filterShape, "float32");
      for (let row = 0; row < conv.filterHeight; row++) {
        for (let column = 0; column < conv.filterWidth; column++) {
          const window = runKernel(
            tf,
            backend,
            "StridedSlice",
            { x: padded },
            {
              begin: [0, row, column, 0],
              end: [
                conv.batchSize,
                row + (outHeight - 1) * strideHeight + 1,
                column + (outWidth - 1) * strideWidth + 1,
                inChannels,
              ],
              strides: [1, strideHeight, strideWidth, 1],
              beginMask: 0,
              endMask: 0,
              ellipsisMask: 0,
              newAxisMask: 0,
              shrinkAxisMask: 0,
            },
          );
          const tap = runKernel(
            tf,
            backend,
            "BatchMatMul",
            {
              a: { ...window, shape: [1, pixels, inChannels] },
              b: { ...dy, shape: [1, pixels, outChannels] },
            },
            { transposeA: true, transposeB: false },
          );
          // Views of the heap are taken last: whatever allocates may move it.
          backend
            .typedArrayFromHeap(gradient)
            .set(
              backend.typedArrayFromHeap(tap),
              (row * conv.filterWidth + column) * inChannels * outChannels,
            );
          backend.disposeData(window.dataId);
          backend.disposeData(tap.dataId);
        }
      }
      if (padded !== x) backend.disposeData(padded.dataId);
      return gradient;
    },
  };
}

function padPixels(
  tf: TensorFlow,
  backend: BackendWasm,
  x: TensorInfo,
  { top, bottom, left, right }: { top: number; bottom: number; left: number; right: number },
): TensorInfo {
  if (top === 0 && bottom === 0 && left === 0 && right === 0) return x;
  const paddings = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return runKernel(tf, backend, "PadV2", { x }, { paddings, constantValue: 0 });
}

function fourDimensions(shape: readonly number[]): [number, number, number, number] {
  const [batch, height, width, channels] = shape;
  if (batch === undefined || height === undefined || width === undefined || channels === undefined)
    throw new BackendError(`a convolution takes four dimensions, not [${shape.join(", ")}]`);
  return [batch, height, width, channels];
}

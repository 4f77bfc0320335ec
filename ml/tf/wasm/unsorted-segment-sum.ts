/** @file Sums of rows by segment, which the WebAssembly backend lacks: the gradient of gather, and so of embeddings. */
import type { TensorInfo, UnsortedSegmentSumAttrs } from "@tensorflow/tfjs";
import { BackendError } from "../errors.ts";
import type { WasmKernel } from "./wasm-kernel.ts";

interface Inputs {
  /** `[rows, …]` */
  readonly x: TensorInfo;
  /** `[rows]` */
  readonly segmentIds: TensorInfo;
}

/**
 * `[numSegments, …]`: the sum of the rows of each segment; rows whose segment is out of range are left out.
 * @throws {@link BackendError} when there is not one segment for each row
 */
export const unsortedSegmentSum: WasmKernel<Inputs, UnsortedSegmentSumAttrs> = {
  name: "UnsortedSegmentSum",
  compute: ({ x, segmentIds }, { numSegments }, backend) => {
    const [rows = 0, ...rowShape] = x.shape;
    if (segmentIds.shape.length !== 1 || segmentIds.shape[0] !== rows)
      throw new BackendError(
        `unsortedSegmentSum takes one segment for each of ${rows} rows, not [${segmentIds.shape.join(", ")}]`,
      );
    const size = rowShape.reduce((product, dimension) => product * dimension, 1);
    const output = backend.makeOutput([numSegments, ...rowShape], x.dtype);
    const sums = backend.typedArrayFromHeap(output).fill(0);
    const values = backend.typedArrayFromHeap(x);
    const segments = backend.typedArrayFromHeap(segmentIds);
    for (let row = 0; row < rows; row++) {
      const segment = segments[row] ?? -1;
      if (segment < 0 || segment >= numSegments) continue;
      for (let element = 0; element < size; element++) {
        const at = segment * size + element;
        sums[at] = (sums[at] ?? 0) + (values[row * size + element] ?? 0);
      }
    }
    return output;
  },
};

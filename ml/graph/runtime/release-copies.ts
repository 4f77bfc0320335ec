/**
 * @file Gives back the memory of results that nobody reads.
 *
 * ONNX Runtime for Node writes an output into the tensor that it is given, and gives the same numbers as another tensor, too.
 * As garbage these copies of all gradients make V8 collect its whole heap every few dozen steps of a small network.
 */
import { MessageChannel } from "node:worker_threads";
import type { Tensor as OrtTensor } from "onnxruntime-node";

type Tensors = Readonly<Record<string, OrtTensor | null>>;

/** Smaller ones are garbage soon enough, and cost less than what it takes to give them back. */
const fewestBytes = 16 * 2 ** 10;

const nowhere = (() => {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
})();

/**
 * Frees the memory of results where it is another than that of the tensors that the outputs were written into.
 * @param names of the outputs
 */
export function releaseCopies(names: readonly string[], results: Tensors, written: Tensors): void {
  const buffers: ArrayBuffer[] = [];
  for (const name of names) {
    const buffer = memoryOf(results[name]);
    if (buffer && buffer.byteLength >= fewestBytes && buffer !== memoryOf(written[name]))
      buffers.push(buffer);
  }
  // What is moved to a port that is closed is gone.
  if (buffers.length > 0) nowhere.postMessage(undefined, buffers);
}

function memoryOf(tensor: OrtTensor | null | undefined): ArrayBuffer | undefined {
  if (tensor?.location !== "cpu") return undefined;
  const { data } = tensor;
  return ArrayBuffer.isView(data) && data.buffer instanceof ArrayBuffer ? data.buffer : undefined;
}

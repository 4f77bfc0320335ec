/**
 * @file Gives back the memory of results that nobody reads.
 *
 * ONNX Runtime for Node writes an output into the tensor that it is given, and gives the same numbers as another tensor, too.
 * As garbage these copies of all gradients make V8 collect its whole heap every few dozen steps of a small network.
 */
import { MessageChannel } from "node:worker_threads";
import type { Tensor as OrtTensor } from "onnxruntime-node";

const nowhere = (() => {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
})();

/** Frees the memory of a result where it is another than that of the tensor that the output was written into. */
export function releaseCopy(result: OrtTensor | undefined, written: OrtTensor | undefined): void {
  if (!result || result === written || result.location !== "cpu") return;
  const { data } = result;
  if (!ArrayBuffer.isView(data) || !(data.buffer instanceof ArrayBuffer)) return;
  if (written && ArrayBuffer.isView(written.data) && written.data.buffer === data.buffer) return;
  // What is moved to a port that is closed is gone.
  nowhere.postMessage(undefined, [data.buffer]);
}

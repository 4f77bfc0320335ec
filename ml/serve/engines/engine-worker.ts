/** @file The thread of a {@link WorkerEngine}: a session of ONNX Runtime that computes one call at a time. */
import { parentPort, workerData } from "node:worker_threads";
import { parseSignature } from "../../package/signature.ts";
import { planModel } from "../plan/model-plan.ts";
import { OnnxEngine } from "./onnx-engine.ts";
import { failedReply, type ThreadReply } from "./serial-thread.ts";
import type { EngineCall, EngineThread } from "./worker-protocol.ts";

const port = parentPort;
if (!port) throw new Error("this module is the main one of a thread");
// SAFETY: the service and its threads are of one build.
const { signature, onnx, threads, provider } = workerData as EngineThread;

const reply = (message: ThreadReply): void => port.postMessage(message);

try {
  const engine = await OnnxEngine.load(planModel(parseSignature(signature)), onnx, threads, provider);
  port.on("message", ({ inputs }: EngineCall) => {
    const begun = performance.now();
    void engine.run(inputs).then(
      (outputs) => reply({ kind: "outputs", outputs, computeTime: performance.now() - begun }),
      (error: unknown) => reply(failedReply(error)),
    );
  });
  reply({ kind: "ready", width: 0 });
} catch (error) {
  reply(failedReply(error));
}

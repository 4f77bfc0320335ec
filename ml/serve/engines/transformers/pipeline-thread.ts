/** @file The thread of a {@link PipelineEngine}: a pipeline of transformers.js that computes one call at a time. */
import { parentPort, workerData } from "node:worker_threads";
import { loadTransformers } from "./transformers-library.ts";
import type { InferenceTensor } from "../../inference.ts";
import { failedReply, type ThreadReply } from "../serial-thread.ts";
import type { PipelineCall, PipelineTexts, PipelineThreadData } from "./pipeline-protocol.ts";
import { PipelineTask } from "./pipeline-task.ts";

const port = parentPort;
if (!port) throw new Error("this module is the main one of a thread");
// SAFETY: the service and its threads are of one build.
const { config, model, library: path, cache, threads } = workerData as PipelineThreadData;

const reply = (message: ThreadReply): void => port.postMessage(message);

try {
  const library = await loadTransformers(path);
  const { env } = library;
  env.allowLocalModels = true;
  env.allowRemoteModels = config.allowRemoteModels;
  env.useFSCache = config.allowRemoteModels;
  env.cacheDir = cache;
  const pipeline = await library.pipeline(config.task, model, {
    dtype: config.dtype,
    device: "cpu",
    local_files_only: !config.allowRemoteModels,
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
  const task = new PipelineTask(library, pipeline, config);
  let stop = new library.InterruptableStoppingCriteria();
  const run = async ({ texts, parameters, isStream }: PipelineTexts): Promise<void> => {
    stop = new library.InterruptableStoppingCriteria();
    const onPart = isStream
      ? (outputs: readonly InferenceTensor[]) => reply({ kind: "part", outputs })
      : undefined;
    const begun = performance.now();
    try {
      const outputs = await task.run(texts, { parameters, stop, onPart });
      reply({ kind: "outputs", outputs, computeTime: performance.now() - begun });
    } catch (error) {
      reply(failedReply(error));
    }
  };
  port.on("message", (call: PipelineCall) => {
    if (call.kind === "stop") stop.interrupt();
    else void run(call);
  });
  reply({ kind: "ready", width: await task.warm() });
} catch (error) {
  reply(failedReply(error));
  // What the library began may still hold the thread.
  port.close();
}

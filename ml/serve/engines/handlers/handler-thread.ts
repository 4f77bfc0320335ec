/** @file The thread of a handler's module: runs its calls side by side, as far as they wait for something. */
import { parentPort, workerData } from "node:worker_threads";
import type { InferenceResponse, InferenceService, InferenceTensor } from "../../inference.ts";
import { planModel } from "../../plan/model-plan.ts";
import { parseHandler, type Handler } from "../handler.ts";
import { HandlerEngine } from "../handler-engine.ts";
import {
  ownTensors,
  ownTime,
  places,
  sharedTime,
  type FromHandlerThread,
  type HandlerAsk,
  type HandlerThreadData,
  type ModelsAsk,
  type ToHandlerThread,
} from "./handler-protocol.ts";
import { PortCalls, type PortAnswer } from "./port-calls.ts";

type Outputs = readonly InferenceTensor[];

const port = parentPort;
if (!port) throw new Error("this module is the main one of a thread");
// SAFETY: the service and its threads are of one build.
const { module, state } = workerData as HandlerThreadData;
const say = (message: FromHandlerThread): void => port.postMessage(message);

function answerBy(handler: Handler): void {
  const answer = async (ask: HandlerAsk, signal: AbortSignal): Promise<PortAnswer<Outputs>> => {
    const { inputs, parameters, priority, isStream } = ask;
    const limits = { parameters, priority, signal, deadline: ownTime(ask.deadline) };
    if (isStream && engine.stream) return { value: [], parts: engine.stream(inputs, limits) };
    return { value: await engine.run(inputs, limits) };
  };
  const calls = new PortCalls<ModelsAsk, InferenceResponse, HandlerAsk, Outputs>({
    post: say,
    answer,
    mark: (id) => Atomics.store(state, places.current, id),
  });
  const models: InferenceService["infer"] = async (
    { model, version, id, inputs, outputs, parameters, isStream },
    { protocol, caller, deadline, signal, priority, stickyKey, traceparent },
  ) => {
    const { value, parts } = await calls.ask(
      {
        request: { model, version, id, inputs: ownTensors(inputs), outputs, parameters, isStream },
        context: { protocol, caller, deadline: sharedTime(deadline), priority, stickyKey, traceparent },
      },
      signal,
    );
    return { ...value, parts };
  };
  const engine = new HandlerEngine(handler, planModel(handler.signature), models);
  const close = async (): Promise<void> => {
    try {
      await engine.close();
      say({ kind: "closed", error: undefined });
    } catch (error) {
      say({ kind: "closed", error: messageOf(error) });
    }
  };
  port?.on("message", (message: ToHandlerThread) => {
    Atomics.add(state, places.turns, 1);
    if (message.kind === "ask") Atomics.store(state, places.taken, message.id);
    if (message.kind === "close") void close();
    else if (message.kind !== "ping") calls.hear(message);
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  const found: unknown = await import(module);
  const handler = parseHandler(Object(found).default);
  answerBy(handler);
  const { name, version = "1", signature, stream, close } = handler;
  const description = {
    name,
    version,
    signature,
    hasStream: stream !== undefined,
    hasClose: close !== undefined,
  };
  say({ kind: "ready", description });
} catch (error) {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const isTypeScript = code === "ERR_UNKNOWN_FILE_EXTENSION";
  const message = "this Node runs no TypeScript: use Node 22.18 or later, or a module in JavaScript";
  say({ kind: "refused", message: isTypeScript ? message : messageOf(error) });
  // What the module began may still hold the thread.
  port.close();
}

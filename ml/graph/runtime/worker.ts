/** @file The thread in which programs run: it answers one request after another, in the order in which they came. */
import { parentPort } from "node:worker_threads";
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { RuntimeError } from "../errors.ts";
import { fillRandom } from "../random-source.ts";
import type { Answer, Fed, Numbered, Request, Result } from "./protocol.ts";
import { Session } from "./session.ts";
import { fromOrtTensor, toOrtTensor, type TensorData } from "./tensor-data.ts";

const sessions = new Map<number, Session>();
const stored = new Map<number, OrtTensor>();
const none: Result = { tensors: {} };

function sessionOf(program: number): Session {
  const session = sessions.get(program);
  if (!session) throw new RuntimeError("the program is not loaded any more");
  return session;
}

function storedTensor(number: number): OrtTensor {
  const tensor = stored.get(number);
  if (!tensor) throw new RuntimeError("a tensor was used after it was freed");
  return tensor;
}

function toFeed(fed: Fed): OrtTensor {
  if (typeof fed === "number") return storedTensor(fed);
  if (!("distribution" in fed)) return toOrtTensor(fed);
  const data = new Float32Array(fed.shape.reduce((count, size) => count * size, 1));
  fillRandom(fed, data);
  return toOrtTensor({ dtype: "float32", data, shape: fed.shape });
}

async function answer(request: Request): Promise<Result> {
  switch (request.kind) {
    case "load": {
      const { model, provider, threads } = request;
      sessions.set(request.program, await Session.create(model, { provider, threads, flushDenormals: true }));
      return none;
    }
    case "run": {
      const feeds = Object.fromEntries(
        Object.entries(request.feeds).map(([name, fed]) => [name, toFeed(fed)]),
      );
      const fetches = Object.fromEntries(Object.keys(request.outputs).map((name) => [name, null]));
      const results = await sessionOf(request.program).runTensors(feeds, fetches);
      const tensors: Record<string, TensorData> = {};
      for (const [name, keep] of Object.entries(request.outputs)) {
        const tensor = results[name];
        if (!tensor) throw new RuntimeError(`the program has no output "${name}"`);
        if (keep === null) tensors[name] = fromOrtTensor(tensor);
        else stored.set(keep, tensor);
      }
      return { tensors };
    }
    case "fetch":
      return { tensors: { value: fromOrtTensor(storedTensor(request.stored)) } };
    case "free":
      for (const number of request.stored) {
        stored.get(number)?.dispose();
        stored.delete(number);
      }
      return none;
    case "unload":
      await sessions.get(request.program)?.close();
      sessions.delete(request.program);
      return none;
    case "stop":
      for (const tensor of stored.values()) tensor.dispose();
      stored.clear();
      for (const session of sessions.values()) await session.close();
      sessions.clear();
      return none;
    default:
      return request satisfies never;
  }
}

async function serve({ id, request }: Numbered): Promise<void> {
  let reply: Answer;
  try {
    reply = { id, result: await answer(request) };
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply);
  if (request.kind === "stop") parentPort?.close();
}

let last: Promise<void> = Promise.resolve();
parentPort?.on("message", (numbered: Numbered) => {
  last = last.then(async () => serve(numbered));
});

/** @file The thread in which programs run: it answers one request after another, in the order in which they came. */
import { parentPort, workerData } from "node:worker_threads";
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { InvalidInputError } from "../../errors.ts";
import { RuntimeError } from "../errors.ts";
import { fillRandom } from "../random-source.ts";
import { activityOf, markBusy } from "./activity.ts";
import { fetchFromDevice } from "./device-copy.ts";
import type { Answer, Fed, Numbered, Request, Result } from "./protocol.ts";
import { Session } from "./session.ts";
import { smoke } from "./smoke.ts";
import { TrainingService } from "./training-service.ts";
import { feedable, fromOrtTensor, toOrtTensor, type TensorData } from "./tensor-data.ts";

interface Loaded {
  readonly session: Session;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly fetches: Readonly<Record<string, null>>;
}

const activity = activityOf(workerData);
const programs = new Map<number, Loaded>();
const stored = new Map<number, OrtTensor>();
const trainings = new TrainingService();
const none: Result = {};

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
      const { model, inputs, outputs, onDevice, provider, threads } = request;
      const session = await Session.create(model, { provider, threads, flushDenormals: true, onDevice });
      const fetches = Object.fromEntries(outputs.map((name) => [name, null]));
      programs.set(request.program, { session, inputs, outputs, fetches });
      return none;
    }
    case "run":
      return run(request.program, request.feeds, request.outputs);
    case "fetch":
      return { tensors: [await fetchFromDevice(storedTensor(request.stored))] };
    case "free":
      return none;
    case "unload":
      await programs.get(request.program)?.session.close();
      programs.delete(request.program);
      return none;
    case "gatherer":
      trainings.gatherBy(request.port);
      return none;
    case "training":
      return { training: await trainings.answer(request.training) };
    case "count":
      return { contents: { tensors: stored.size, programs: programs.size, ...trainings.contents } };
    case "try":
      return { milliseconds: await smoke(request.provider) };
    case "stop":
      await trainings.close();
      free([...stored.keys()]);
      for (const { session } of programs.values()) await session.close();
      programs.clear();
      return none;
    default:
      return request satisfies never;
  }
}

async function run(
  program: number,
  fed: readonly Fed[],
  wanted: readonly (number | null)[],
): Promise<Result> {
  const loaded = programs.get(program);
  if (!loaded) throw new RuntimeError("the program is not loaded any more");
  const feeds: Record<string, OrtTensor> = {};
  for (const [index, name] of loaded.inputs.entries()) {
    const value = fed[index];
    if (value === undefined) throw new RuntimeError(`the program needs its input "${name}"`);
    feeds[name] = toFeed(value);
  }
  const results = await loaded.session.runTensors(feeds, loaded.fetches);
  const tensors: TensorData[] = [];
  for (const [index, name] of loaded.outputs.entries()) {
    const tensor = results[name];
    if (!tensor) throw new RuntimeError(`the program has no output "${name}"`);
    const keep = wanted[index];
    if (typeof keep === "number") stored.set(keep, feedable(tensor));
    else tensors.push(fromOrtTensor(tensor));
  }
  return tensors.length === 0 ? none : { tensors };
}

function free(numbers: readonly number[]): void {
  for (const number of numbers) {
    stored.get(number)?.dispose();
    stored.delete(number);
  }
}

/** The memory of what a run gives, which is handed over without a copy: nothing in this thread uses it again. */
function memoryOf(reply: Answer): ArrayBuffer[] {
  if (typeof reply === "number" || "error" in reply) return [];
  const buffers = (reply.result.tensors ?? []).flatMap(({ data }) =>
    ArrayBuffer.isView(data) && data.buffer instanceof ArrayBuffer && data.byteLength > 0
      ? [data.buffer]
      : [],
  );
  return [...new Set(buffers)];
}

async function serve({ id, free: freed, request }: Numbered): Promise<void> {
  let reply: Answer;
  // A process that ends waits for what has begun, but nothing more is begun.
  if (!markBusy(activity, true)) return;
  try {
    if (freed) free(freed);
    const result = await answer(request);
    reply = result === none ? id : { id, result };
  } catch (error) {
    reply = {
      id,
      error: error instanceof Error ? error.message : String(error),
      isInvalidInput: error instanceof InvalidInputError,
    };
  }
  markBusy(activity, false);
  try {
    parentPort?.postMessage(reply, request.kind === "run" ? memoryOf(reply) : []);
  } catch (error) {
    // A result may be more than there is memory for twice.
    parentPort?.postMessage({
      id,
      error: `the result can't be sent: ${String(error)}`,
      isInvalidInput: false,
    });
  }
  if (request.kind === "stop") parentPort?.close();
}

let last: Promise<void> = Promise.resolve();
parentPort?.on("message", (numbered: Numbered) => {
  last = last.then(async () => serve(numbered));
});

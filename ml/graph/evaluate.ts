/**
 * @file Runs programs whose inputs are all known, on the runtime that the process shares.
 *
 * Programs of the same form are loaded once: what they compute on is fed to them. A value that was computed is kept as
 * long as the value is, and never computed again.
 */
import { createHash } from "node:crypto";
import { encodeOnnx } from "./onnx/encode.ts";
import { RuntimeError } from "./errors.ts";
import { explain } from "./explain.ts";
import { lower } from "./lower.ts";
import type { RandomState } from "./random-source.ts";
import { rejectOnAbort, signalsOfRun } from "./runtime/abort.ts";
import type { Drawn, Fed } from "./runtime/protocol.ts";
import type { ProgramModel, Runtime } from "./runtime/runtime.ts";
import { tensorData, type TensorData } from "./runtime/tensor-data.ts";
import { knownSizes, showShape } from "./shape.ts";
import { sharedRuntime, SharedProgram } from "./shared-runtime.ts";
import { resolve, type Value } from "./value.ts";

const computed = new WeakMap<Value, TensorData>();
const programsKept = 64;
const programs = new Map<string, SharedProgram>();

/** The values' elements, in order; what they share is computed once. */
export async function evaluate(values: readonly Value[]): Promise<TensorData[]> {
  const missing = values.filter((value) => known(value) === undefined);
  const stored = missing.filter((value) => resolve(value).source.kind === "stored");
  await Promise.all(stored.map(readStored));
  const needed = missing.filter((value) => known(value) === undefined);
  if (needed.length > 0) {
    const results = await runOnce(needed);
    for (const [index, value] of needed.entries()) {
      const result = results[index];
      if (result) computed.set(value, result);
    }
  }
  return values.map((value) => {
    const data = known(value);
    if (!data) throw new RuntimeError("the runtime did not give an output back");
    return data;
  });
}

async function readStored(value: Value): Promise<void> {
  const { source } = resolve(value);
  if (source.kind === "stored")
    computed.set(value, await rejectOnAbort(source.stored.read(), signalsOfRun()));
}

async function runOnce(values: readonly Value[]): Promise<readonly TensorData[]> {
  const outputs = Object.fromEntries(values.map((value, index) => [`output ${index}`, value]));
  const { model, feeds, nodes } = lower([], outputs, { isFed: (value) => known(value) !== undefined });
  const runtime = await sharedRuntime();
  const fed = await Promise.all([...feeds.values()].map(async (value) => feed(value, runtime)));
  const program = sharedProgram({
    model: encodeOnnx(model),
    inputs: [...feeds.keys()],
    outputs: Object.keys(outputs),
    onDevice: [],
  });
  try {
    const signals = signalsOfRun();
    const loaded = await rejectOnAbort(Promise.resolve(program.on(runtime)), signals);
    const wanted = values.map(() => null);
    return await loaded.run(fed, wanted, signals);
  } catch (error) {
    throw explain(error, nodes);
  }
}

function known(value: Value): TensorData | undefined {
  const found = computed.get(value);
  if (found) return found;
  const { source, dtype, shape } = resolve(value);
  return source.kind === "data" ? tensorData(dtype, source.data, shape.map(Number)) : undefined;
}

/** What is fed for a value that needs nothing computed or read; undefined where something is to be done first. */
export function feedNow(value: Value, runtime: Runtime): Fed | undefined {
  const { source } = resolve(value);
  return source.kind === "stored" && source.stored.runtime === runtime ? source.stored.number : known(value);
}

/**
 * What is fed for a value, which is computed first where it must be.
 * @throws {@link RuntimeError} for a random source, which has values only in a step that is run
 */
export async function feed(value: Value, runtime: Runtime): Promise<Fed> {
  const now = feedNow(value, runtime);
  if (now !== undefined) return now;
  if (resolve(value).source.kind === "random")
    throw new RuntimeError("a random source has values only in a run of its program");
  const [data] = await evaluate([value]);
  if (!data) throw new RuntimeError("nothing was computed");
  return data;
}

/** How a random source is drawn in a run; undefined for any other value. */
export function drawInRun(value: Value, { seed, step }: RandomState): Drawn | undefined {
  const { source, shape } = resolve(value);
  if (source.kind !== "random") return undefined;
  const sizes = knownSizes(shape);
  if (!sizes) throw new RuntimeError(`the sizes of a random tensor ${showShape(shape)} are not known`);
  return { distribution: source.distribution, stream: source.stream, seed, step, shape: sizes };
}

/** A model as a program: the same model only once. */
function sharedProgram(model: ProgramModel): SharedProgram {
  const key = createHash("sha256").update(model.model).digest("base64");
  const program = programs.get(key) ?? new SharedProgram(model);
  // The least recently used program is first to go.
  programs.delete(key);
  programs.set(key, program);
  const [oldest] = programs.keys();
  if (programs.size > programsKept && oldest !== undefined) {
    programs.get(oldest)?.close();
    programs.delete(oldest);
  }
  return program;
}

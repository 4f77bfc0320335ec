/**
 * @file Runs programs whose inputs are all known, on the runtime that the process shares.
 *
 * Programs of the same form are loaded once: what they compute on is fed to them. A value that was computed is kept as
 * long as the value is, and never computed again.
 */
import { createHash } from "node:crypto";
import { encodeModel } from "./encode.ts";
import { RuntimeError } from "./errors.ts";
import { lower } from "./lower.ts";
import type { RandomState } from "./random-source.ts";
import type { Fed } from "./runtime/protocol.ts";
import { Runtime, type Program } from "./runtime/runtime.ts";
import { tensorData, type TensorData } from "./runtime/tensor-data.ts";
import { knownSizes, showShape } from "./shape.ts";
import { resolve, type Value } from "./value.ts";

const computed = new WeakMap<Value, TensorData>();
const programsKept = 64;
let shared: { readonly runtime: Runtime; readonly programs: Map<string, Promise<Program>> } | undefined;

/** The runtime on which tensors of this process are computed. */
export function sharedRuntime(): Runtime {
  return sharedState().runtime;
}

function sharedState(): NonNullable<typeof shared> {
  shared ??= { runtime: new Runtime(), programs: new Map() };
  return shared;
}

/** The values' elements, in order; what they share is computed once. */
export async function evaluate(values: readonly Value[]): Promise<TensorData[]> {
  const missing = values.filter((value) => known(value) === undefined);
  const stored = missing.filter((value) => resolve(value).source.kind === "stored");
  await Promise.all(stored.map(readStored));
  const needed = missing.filter((value) => known(value) === undefined);
  if (needed.length > 0) {
    const outputs = Object.fromEntries(needed.map((value, index) => [`output ${index}`, value]));
    const results = await runOnce([], outputs);
    for (const [index, value] of needed.entries()) {
      const result = results[`output ${index}`];
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
  if (source.kind === "stored") computed.set(value, await source.stored.read());
}

async function runOnce(
  inputs: readonly Value[],
  outputs: Readonly<Record<string, Value>>,
): Promise<Readonly<Record<string, TensorData>>> {
  const { model, feeds } = lower(inputs, outputs, { isFed: (value) => known(value) !== undefined });
  const program = await loadShared(encodeModel(model));
  return program.run(
    Object.fromEntries([...feeds].map(([name, value]) => [name, feed(value)])),
    Object.fromEntries(Object.keys(outputs).map((name) => [name, null])),
  );
}

function known(value: Value): TensorData | undefined {
  const found = computed.get(value);
  if (found) return found;
  const { source, dtype, shape } = resolve(value);
  return source.kind === "data" ? tensorData(dtype, source.data, shape.map(Number)) : undefined;
}

/**
 * What is fed for a value that a program does not compute itself.
 * @throws {@link RuntimeError} for a random source, which has values only in a step that is run
 */
export function feed(value: Value): Fed {
  const { source } = resolve(value);
  if (source.kind === "stored") return source.stored.number;
  const data = known(value);
  if (!data) throw new RuntimeError("a random source has values only in a run of its program");
  return data;
}

/** What is fed for a value in a run that draws random sources by a state. Throws as {@link feed}. */
export function feedInRun(value: Value, { seed, step }: RandomState): Fed {
  const { source, shape } = resolve(value);
  if (source.kind !== "random") return feed(value);
  const sizes = knownSizes(shape);
  if (!sizes) throw new RuntimeError(`the sizes of a random tensor ${showShape(shape)} are not known`);
  return { distribution: source.distribution, stream: source.stream, seed, step, shape: sizes };
}

/** What is fed for a value, which is computed first where it must be. */
export async function feedComputed(value: Value): Promise<Fed> {
  if (resolve(value).source.kind !== "stored") await evaluate([value]);
  return feed(value);
}

/** A model loaded by the shared runtime: the same model only once. */
export async function loadShared(model: Uint8Array): Promise<Program> {
  const { runtime, programs } = sharedState();
  const key = createHash("sha256").update(model).digest("base64");
  const found = programs.get(key);
  // The least recently used program is first to go.
  programs.delete(key);
  const program = found ?? runtime.load(model);
  programs.set(key, program);
  const [oldest] = programs.keys();
  if (programs.size > programsKept && oldest !== undefined) {
    const old = programs.get(oldest);
    programs.delete(oldest);
    old?.then(async (each) => each.close()).catch(() => {});
  }
  try {
    return await program;
  } catch (error) {
    programs.delete(key);
    throw error;
  }
}

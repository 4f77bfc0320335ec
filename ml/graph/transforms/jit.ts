/** @file Functions on tensors compiled: traced once for each form of their arguments, then only run. */
import { encodeModel } from "../encode.ts";
import { GraphError } from "../errors.ts";
import { feedComputed, feedInRun, loadShared, sharedRuntime } from "../evaluate.ts";
import { lower } from "../lower.ts";
import { freshSeed, traceRandom } from "../ops/random.ts";
import type { Program } from "../runtime/runtime.ts";
import { StoredTensor } from "../runtime/stored-tensor.ts";
import { Tensor } from "../tensor.ts";
import { leaves, mapTree, type Tree } from "../trees.ts";
import { input, type Value, type ValueType } from "../value.ts";

interface Compiled<Result extends Tree> {
  readonly program: Program;
  /** Values from outside that the function uses. */
  readonly captured: ReadonlyMap<string, Value>;
  /** The result as it was traced. */
  readonly result: Result;
}

/** How a compiled function is run. */
export interface RunOptions {
  /** Ends the wait for a run; its results are dropped. */
  readonly signal?: AbortSignal;
  /** What random tensors are drawn by: the same seed and step give the same. One that nobody chose, where absent. */
  readonly seed?: number;
  /** The number of the run; where absent, 0 with a seed, else a number that counts up with each run. */
  readonly step?: number;
}

/** A function that was compiled by {@link jit}. */
export interface Jitted<Arguments extends readonly Tree[], Result extends Tree> {
  /** Runs the function. The tensors of the result stay where they were computed until their data is asked for. */
  (...inputs: Arguments): Promise<Result>;
  /** As calling it, with settings for this run. */
  readonly run: (options: RunOptions, ...inputs: Arguments) => Promise<Result>;
}

/**
 * Compiles a function of trees of tensors. It is called once for each new combination of its arguments' shapes and
 * element types, with tensors that stand for them, and must do nothing but compute; afterwards only what it computed is
 * run. The results stay in the runtime's memory: pass them on to further calls without a copy, free them by `using` or
 * leave them to the garbage collector.
 *
 * @throws {@link GraphError} when the function computes on data that only a run has
 */
export function jit<Arguments extends readonly Tree[], Result extends Tree>(
  compute: (...inputs: Arguments) => Result,
): Jitted<Arguments, Result> {
  const compiled = new Map<string, Promise<Compiled<Result>>>();
  const ownSeed = freshSeed();
  let runs = 0;
  const run = async ({ signal, seed, step }: RunOptions, ...inputs: Arguments): Promise<Result> => {
    const state = { seed: seed ?? ownSeed, step: step ?? (seed === undefined ? runs++ : 0) };
    const given = leaves(inputs);
    const key = given.map(([path, { value }]) => `${path} ${value.dtype} ${value.shape.join(",")}`).join(";");
    let entry = compiled.get(key);
    if (!entry) {
      entry = trace(compute, inputs);
      compiled.set(key, entry);
      entry.catch(() => compiled.delete(key));
    }
    const { program, captured, result } = await entry;
    const feeds = Object.fromEntries([
      ...(await Promise.all(
        given.map(async ([path, { value }]) => [inputName(path), await feedComputed(value)] as const),
      )),
      ...[...captured].map(([name, value]) => [name, feedInRun(value, state)] as const),
    ]);
    const runtime = sharedRuntime();
    const outputs = Object.fromEntries(leaves(result).map(([path]) => [outputName(path), runtime.reserve()]));
    await program.run(feeds, outputs, signal);
    return mapTree(result, ({ value }, path) => {
      const number = outputs[outputName(path)];
      if (number === undefined) throw new GraphError(`the function gave no "${path}"`);
      return storedTensor(value, new StoredTensor(runtime, number));
    });
  };
  return Object.assign(async (...inputs: Arguments) => run({}, ...inputs), { run });
}

const inputName = (path: string): string => `argument ${path}`;
const outputName = (path: string): string => `result ${path}`;

function storedTensor({ dtype, shape }: ValueType, stored: StoredTensor): Tensor {
  return new Tensor({ dtype, shape, source: { kind: "stored", stored } });
}

async function trace<Arguments extends readonly Tree[], Result extends Tree>(
  compute: (...inputs: Arguments) => Result,
  inputs: Arguments,
): Promise<Compiled<Result>> {
  const places = mapTree(
    inputs,
    ({ value }, path) => new Tensor(input(inputName(path), value.dtype, value.shape)),
  );
  const result = traceRandom(() => compute(...places));
  const outputs = Object.fromEntries(leaves(result).map(([path, { value }]) => [outputName(path), value]));
  const { model, feeds } = lower(
    leaves(places).map(([, { value }]) => value),
    outputs,
  );
  return { program: await loadShared(encodeModel(model)), captured: feeds, result };
}

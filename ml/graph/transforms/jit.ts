/** @file Functions on tensors compiled: traced once for each form of their arguments, then only run. */
import { encodeOnnx } from "../onnx/encode.ts";
import { GraphError } from "../errors.ts";
import { drawInRun, feed, feedNow } from "../evaluate.ts";
import { explain } from "../explain.ts";
import { lower } from "../lower.ts";
import { freshSeed, traceRandom } from "../ops/random.ts";
import type { RandomState } from "../random-source.ts";
import { rejectOnAbort, signalsOfRun } from "../runtime/abort.ts";
import type { Fed } from "../runtime/protocol.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { StoredTensor } from "../runtime/stored-tensor.ts";
import { canStayOnDevice } from "../runtime/tensor-data.ts";
import { currentRuntime, sharedRuntime, SharedProgram } from "../shared-runtime.ts";
import { Tensor } from "../tensor.ts";
import { leaves, mapTree, tensors, type Tree } from "../trees.ts";
import { input, type Node, type Value } from "../value.ts";

interface Compiled<Result extends Tree> {
  readonly program: SharedProgram;
  /** Values from outside that the function uses. */
  readonly captured: readonly Value[];
  /** The result as it was traced. */
  readonly result: Result;
  readonly outputs: readonly Value[];
  readonly nodes: ReadonlyMap<string, Node>;
}

/** How a compiled function is run. */
export interface RunOptions {
  /** Ends the wait for a run at once; its results are dropped. */
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
 * `scope`, or leave them to the garbage collector. In a notebook, interrupting the cell ends the wait for a run.
 *
 * @throws {@link GraphError} when the function computes on data that only a run has
 * @throws {@link RuntimeError} when an operator fails in a run; it names the operator and where it was applied
 */
export function jit<Arguments extends readonly Tree[], Result extends Tree>(
  compute: (...inputs: Arguments) => Result,
): Jitted<Arguments, Result> {
  const compiled = new Map<string, Compiled<Result>>();
  const ownSeed = freshSeed();
  let runs = 0;
  const run = async ({ signal, seed, step }: RunOptions, ...inputs: Arguments): Promise<Result> => {
    const state = { seed: seed ?? ownSeed, step: step ?? (seed === undefined ? runs++ : 0) };
    const given = leaves(inputs);
    let key = "";
    for (const [path, { value }] of given) key += `${path} ${value.dtype} ${value.shape.join(",")};`;
    let entry = compiled.get(key);
    if (!entry) {
      entry = trace(compute, inputs);
      compiled.set(key, entry);
    }
    const runtime = currentRuntime() ?? (await sharedRuntime());
    const values = given.map(([, { value }]) => value).concat(entry.captured);
    return runCompiled(entry, values, state, runtime, signalsOfRun(signal));
  };
  return Object.assign(async (...inputs: Arguments) => run({}, ...inputs), { run });
}

async function runCompiled<Result extends Tree>(
  { program, result, outputs, nodes }: Compiled<Result>,
  values: readonly Value[],
  state: RandomState,
  runtime: Runtime,
  signals: readonly AbortSignal[],
): Promise<Result> {
  const feeds: Fed[] = [];
  for (const value of values)
    feeds.push(drawInRun(value, state) ?? feedNow(value, runtime) ?? (await feed(value, runtime)));
  const numbers = outputs.map(() => runtime.reserve());
  try {
    const loaded = program.on(runtime);
    const ready = loaded instanceof Promise ? await rejectOnAbort(loaded, signals) : loaded;
    await ready.run(feeds, numbers, signals);
  } catch (error) {
    throw explain(error, nodes);
  }
  let next = 0;
  return mapTree(result, ({ value }) => {
    const number = numbers[next++];
    if (number === undefined) throw new GraphError("the function's result has changed since it was traced");
    return storedTensor(value, runtime, number);
  });
}

function storedTensor({ dtype, shape }: Value, runtime: Runtime, number: number): Tensor {
  const stored = new StoredTensor(runtime, number, { dtype, shape });
  return new Tensor({ dtype, shape, source: { kind: "stored", stored } });
}

const inputName = (path: string): string => `argument ${path}`;
const outputName = (path: string): string => `result ${path}`;

function trace<Arguments extends readonly Tree[], Result extends Tree>(
  compute: (...inputs: Arguments) => Result,
  inputs: Arguments,
): Compiled<Result> {
  const places = mapTree(
    inputs,
    ({ value }, path) => new Tensor(input(inputName(path), value.dtype, value.shape)),
  );
  const result = traceRandom(() => compute(...places));
  const given = leaves(result);
  if (given.length === 0) throw new GraphError("jit: the function gives no tensor");
  const outputs = Object.fromEntries(given.map(([path, { value }]) => [outputName(path), value]));
  const declared = tensors(places).map(({ value }) => value);
  const { model, feeds, nodes } = lower(declared, outputs);
  const program = new SharedProgram({
    model: encodeOnnx(model),
    inputs: [...leaves(places).map(([path]) => inputName(path)), ...feeds.keys()],
    outputs: Object.keys(outputs),
    onDevice: Object.entries(outputs).flatMap(([name, { dtype }]) => (canStayOnDevice(dtype) ? [name] : [])),
  });
  return { program, captured: [...feeds.values()], result, outputs: Object.values(outputs), nodes };
}

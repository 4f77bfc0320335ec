/**
 * @file Which engine runs a package: functions made of its pipeline or graph where these give what was recorded with it, or, of
 * trees, what ONNX Runtime gives for made-up rows; else ONNX Runtime, in this thread where a row takes so little that a thread of
 * its own would take longer, behind a queue that computes rows of several requests together.
 */
import { rowTensors } from "../../package/row-tensors.ts";
import { compareRecorded, type RecordedRows } from "../../package/recorded-rows.ts";
import type { OutputArray } from "../../package/row-feeds.ts";
import { RuntimeError } from "../../graph/errors.ts";
import type { OnnxGraph } from "../../graph/onnx/model.ts";
import type { Provider } from "../../graph/runtime/provider.ts";
import { BatchingEngine, type BatchingOptions } from "../batching/batching-engine.ts";
import { CompiledEngine } from "../engines/compiled/compiled-engine.ts";
import { GraphEngine } from "../engines/compiled/graph-engine.ts";
import type { CallLimits, Engine } from "../engines/engine.ts";
import { WorkerEngine } from "../engines/worker-engine.ts";
import type { InferenceTensor, TensorElements } from "../inference.ts";
import { roomFor, type ModelInputs } from "../plan/model-inputs.ts";
import type { InputPlan, ModelPlan } from "../plan/model-plan.ts";
import { inputsOfRecords } from "../plan/read-rows.ts";
import { inputsOfTensors, type GivenTensor } from "../plan/read-tensors.ts";
import { answersAsRuntime } from "./probe-graph.ts";

/** How models are run. */
export interface EngineOptions {
  /** In how many threads a model that isn't tiny is computed side by side; 1 where absent. */
  readonly instances?: number;
  /** Threads of one operator of such a model; 1 where absent. */
  readonly threads?: number;
  readonly batching?: BatchingOptions;
  /**
   * What computes models that aren't compiled: a provider that must work, or `best`, the quickest of those that do, which
   * is the CPU where the model can't be loaded elsewhere. The CPU where absent.
   */
  readonly provider?: Provider | "best";
  /** In how many milliseconds a thread must have computed what it was given, or is replaced; no limit where absent. */
  readonly replyTimeout?: number | undefined;
  /** Told of each thread that is replaced because it didn't. */
  readonly onHang?: ((error: Error) => void) | undefined;
  /** Told of a model that the CPU computes because the best provider can't load it, or was lost. */
  readonly onFallback?: ((error: Error) => void) | undefined;
  /** Told each time that a model's threads ended and none could be started in their place. */
  readonly onFailure?: ((error: Error) => void) | undefined;
}

/** Milliseconds that a row may take in the thread of the server. */
const mostInLine = 1;

/** An engine made of a pipeline in JSON; undefined where the graph is needed. */
export function compilePipeline(
  plan: ModelPlan,
  json: unknown,
  recorded: RecordedRows | undefined,
): Engine | undefined {
  const engine = CompiledEngine.compile(plan, json);
  return engine && (!recorded || answersAsRecorded(plan, engine, recorded)) ? engine : undefined;
}

/** An engine for a graph. @throws {@link RuntimeError} where ONNX Runtime can't run it, or not on the provider that was named */
export async function engineOfGraph(
  plan: ModelPlan,
  graph: OnnxGraph,
  onnx: Uint8Array,
  recorded: RecordedRows | undefined,
  options: EngineOptions,
): Promise<Engine> {
  const { instances = 1, threads = 1, batching, provider = "cpu", replyTimeout, onHang } = options;
  const { onFallback, onFailure } = options;
  const compiled = recorded || hasTrees(graph) ? GraphEngine.compile(plan, graph) : undefined;
  if (compiled && recorded && answersAsRecorded(plan, compiled, recorded)) return compiled;
  const { OnnxEngine } = await import("../engines/onnx-engine.ts");
  if (compiled && !recorded) {
    const runtime = await OnnxEngine.load(plan, onnx, threads);
    const isSame = await answersAsRuntime(plan, graph, compiled, runtime);
    await runtime.close();
    if (isSame) return compiled;
  }
  const row = warmInputs(plan, recorded);
  const inWorkers = async (by: Provider): Promise<Engine> => {
    const workers = { instances, threads, provider: by, replyTimeout, onHang, onFailure };
    const lost = provider === "best" ? { ...workers, onFallback } : workers;
    const start = async (probe: ModelInputs | undefined): Promise<WorkerEngine> =>
      await WorkerEngine.start(plan.signature, onnx, { ...lost, probe });
    // What was made up may be no input of the model, which says nothing of the device then.
    const engine = await (recorded || by === "cpu"
      ? start(row)
      : start(row).catch(async () => await start(undefined)));
    return new BatchingEngine(engine, batching, instances);
  };
  const chosen = provider === "best" ? await bestOfMachine() : provider;
  if (chosen !== "cpu")
    try {
      return await inWorkers(chosen);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const error = new RuntimeError(`the model can't be computed by ${chosen}: ${reason}`, { cause });
      if (provider !== "best") throw error;
      onFallback?.(error);
    }
  const inLine = await OnnxEngine.load(plan, onnx, threads);
  if ((await timeOfRow(inLine, row)) <= mostInLine) return new BatchingEngine(inLine, batching);
  await inLine.close();
  return await inWorkers("cpu");
}

async function bestOfMachine(): Promise<Provider> {
  const { bestProvider } = await import("../../graph/runtime/choose-provider.ts");
  return await bestProvider();
}

/** Other tools' trees come without recorded rows, and are many times faster compiled. */
const hasTrees = ({ nodes }: OnnxGraph): boolean =>
  nodes.some(({ operator }) => operator.startsWith("TreeEnsemble"));

const limits: CallLimits = { deadline: Number.POSITIVE_INFINITY, priority: 0, signal: undefined };

/** Runs a row until it takes what it will take: the least of some times; none where the model doesn't take such a row. */
async function timeOfRow(engine: Engine, inputs: ModelInputs): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round++) {
    const start = performance.now();
    try {
      await engine.run(inputs, limits);
    } catch {
      // What was made up for it may be no input of the model: it is then run apart.
      return Number.POSITIVE_INFINITY;
    }
    least = Math.min(least, performance.now() - start);
    // A slow one is known as such after a second try, which has no first use in it.
    if (round > 0 && least > mostInLine) break;
  }
  return least;
}

/** A row to warm a model with: a recorded one, or zeros. */
function warmInputs(plan: ModelPlan, recorded: RecordedRows | undefined): ModelInputs {
  if (recorded) return recordedInputs(plan, { ...recorded, rows: recorded.rows.slice(0, 1) });
  const inputs = roomFor(plan, 1);
  inputs.numbers.fill(0);
  for (const input of plan.inputs) {
    if (input.group !== "tensor") continue;
    const shape = [1, ...input.shape.map((size) => Math.max(size, 1))];
    inputs.shapes[input.place] = shape;
    inputs.tensors[input.place] = zeros(
      input,
      shape.reduce((product, size) => product * size, 1),
    );
  }
  return inputs;
}

const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

function zeros({ dtype }: InputPlan, count: number): TensorElements {
  return dtype === "string" ? Array.from({ length: count }, () => "") : new arrayTypes[dtype](count);
}

/** Whether an engine that answers at once gives what was recorded, within its tolerance. */
function answersAsRecorded(
  plan: ModelPlan,
  engine: CompiledEngine | GraphEngine,
  recorded: RecordedRows,
): boolean {
  const found = engine.run(recordedInputs(plan, recorded));
  const answers = new Map(found.map((tensor) => [tensor.name, recordedForm(tensor)]));
  return compareRecorded(plan.signature, recorded, answers).differences.length === 0;
}

function recordedInputs(plan: ModelPlan, { rows }: RecordedRows): ModelInputs {
  if (plan.tensors === 0) return inputsOfRecords(plan, rows);
  return inputsOfTensors(
    plan,
    plan.signature.inputs.map((input, at): GivenTensor => {
      const { data, shape } = rowTensors(input, input.shape ?? [], rows);
      return { name: input.name, datatype: plan.inputs[at]?.datatype ?? "FP32", shape, data };
    }),
  );
}

function recordedForm({ datatype, data }: InferenceTensor): OutputArray {
  return Array.from<string | number | bigint, string | number | boolean>(data, (value) => {
    if (typeof value === "string") return value;
    return datatype === "BOOL" ? Number(value) === 1 : Number(value);
  });
}

/** @file A training in the runtime's thread: its programs, its parameters, and the steps that move them. */
import { GraphError } from "../../graph/errors.ts";
import { evaluate } from "../../graph/evaluate.ts";
import { explain } from "../../graph/explain.ts";
import { sharedRuntime } from "../../graph/shared-runtime.ts";
import type { GradientClipping } from "../../graph/optimizers/optimizer-state.ts";
import type { Optimizer } from "../../graph/optimizers/optimizer.ts";
import { keepsOnDevice, type Provider } from "../../graph/runtime/provider.ts";
import type { Runtime } from "../../graph/runtime/runtime.ts";
import type { TensorData } from "../../graph/runtime/tensor-data.ts";
import type {
  Batches,
  PlannedParameter,
  Snapshot,
  StepsReport,
  TrainingAnswer,
  TrainingRequest,
} from "../../graph/runtime/training-protocol.ts";
import { Tensor } from "../../graph/tensor.ts";
import type { HalfDType } from "../../graph/transforms/half-precision.ts";
import { warnOnCpu } from "../../graph/transforms/mixed-precision.ts";
import { leaves, mapTree, type Tree } from "../../graph/trees.ts";
import type { Dataset } from "./dataset.ts";
import { KeptData, type RowBatches } from "./kept-data.ts";
import { Probe, type LocatedOrigin } from "./probe.ts";
import { traceLoss, type LossFunction, type TracedLoss } from "./training-program.ts";

/** What is trained, and how its parameters move. */
export interface TrainingOptions<P extends Tree> {
  readonly parameters: P;
  readonly loss: LossFunction<P, Tree>;
  readonly optimizer: Optimizer;
  readonly clipping?: GradientClipping | undefined;
  /** What products are computed in; float32 where absent. */
  readonly precision?: HalfDType;
  /** Which parameters weight decay applies to, by path; all where absent. */
  readonly decays?: (path: string) => boolean;
  /** Fixes what noise there is. */
  readonly seed?: number;
}

interface Loaded {
  readonly number: number;
  readonly traced: TracedLoss;
}

/** What some steps gave, and what the loss function calls it. */
export interface StepsResult extends StepsReport {
  readonly metricNames: readonly string[];
}

/** Parameters that are being trained. */
export class Training<P extends Tree> implements AsyncDisposable {
  /** The program of a step, which tells one training from another. */
  readonly model: Uint8Array;
  /** What computes: the runtime's provider, unless that lacks something essential to the program. */
  readonly provider: Provider;
  readonly #options: TrainingOptions<P>;
  readonly #runtime: Runtime;
  readonly #number: number;
  readonly #values: ReadonlyMap<string, TensorData>;
  readonly #trained: ReadonlySet<string>;
  readonly #programs = new Map<string, Loaded>();
  readonly #data: KeptData;

  private constructor(
    options: TrainingOptions<P>,
    runtime: Runtime,
    number: number,
    values: ReadonlyMap<string, TensorData>,
    trained: ReadonlySet<string>,
    model: Uint8Array,
    provider: Provider,
  ) {
    this.model = model;
    this.provider = provider;
    this.#options = options;
    this.#runtime = runtime;
    this.#number = number;
    this.#data = new KeptData(runtime);
    this.#values = values;
    this.#trained = trained;
  }

  /**
   * Traces the loss of a batch, loads its program and begins.
   * @throws {@link GraphError} where the loss can't be traced or depends on no parameter
   */
  static async create<P extends Tree>(options: TrainingOptions<P>, batch: Tree): Promise<Training<P>> {
    const traced = traceLoss(options.loss, options.parameters, batch, false, options.precision);
    if (options.precision) warnOnCpu();
    const found = leaves(options.parameters);
    const data = await evaluate(found.map(([, { value }]) => value));
    const values = new Map(found.map(([path], index) => [path, required(data[index], path)]));
    const runtime = await sharedRuntime();
    const number = runtime.reserve();
    const provider = providerFor(traced, runtime.provider);
    const { optimizer, clipping, decays = () => true, seed = 0 } = options;
    const parameters = traced.trained.map((name): PlannedParameter => {
      const value = required(values.get(name), name);
      return { name, shape: value.shape, data: floats(value, name), decay: decays(name) };
    });
    const states = traced.updated.map((name) => {
      const value = required(values.get(name), name);
      return { name, value: { dtype: "float32", shape: value.shape, data: floats(value, name) } } as const;
    });
    await runtime.training({
      kind: "begin",
      training: number,
      plan: {
        parameters,
        states,
        optimizer,
        clipping,
        isScaled: options.precision === "float16",
        seed,
        provider,
        threads: runtime.threads,
        onDevice: keepsOnDevice(provider),
      },
    });
    const moved = new Set([...traced.trained, ...traced.updated]);
    const training = new Training(options, runtime, number, values, moved, traced.model, provider);
    try {
      await training.#load(formKey(batch, false), traced, false);
    } catch (error) {
      await training.close();
      throw error;
    }
    return training;
  }

  /**
   * Keeps a dataset's columns for {@link steps} by rows, as long as the training is; gives their number. They are kept in the
   * runtime's thread, or in one that gathers batches for it where that is worth it.
   */
  async keep(data: Dataset<Tree>, batchSize: number): Promise<number> {
    return this.#data.keep(data, batchSize, keepsOnDevice(this.provider));
  }

  /** Says which batches are to come, so that they may be gathered ahead; gives what to ask {@link steps} with. */
  announce(batches: RowBatches): RowBatches {
    return this.#data.announce(batches);
  }

  /** Runs steps over batches like one that stands for them; measures only where there are no rates. */
  async steps(
    form: Tree,
    batches: Batches | RowBatches,
    rates: Float64Array | undefined,
    firstStep: number,
  ): Promise<StepsResult> {
    const { number, traced } = await this.#program(form, rates === undefined);
    const answer = await this.#ask(traced.nodes, {
      kind: "steps",
      training: this.#number,
      program: number,
      batches: this.#data.forSteps(batches),
      rates: rates ?? new Float64Array(),
      firstStep,
    });
    if (answer.kind !== "steps") throw new GraphError("the runtime gave no report of its steps");
    return { ...answer.report, metricNames: traced.metrics };
  }

  /**
   * Runs a batch that gave something not finite once more, and finds where that began. Nothing moves.
   * @param batches that one batch
   * @returns undefined where this time everything is finite: operators are fused otherwise in a step
   */
  async locate(
    form: Tree,
    batches: Batches | RowBatches,
    step: number,
    what: NonNullable<StepsReport["notFinite"]>,
  ): Promise<LocatedOrigin | undefined> {
    const { traced } = await this.#program(form, false);
    const probe = new Probe(traced, what);
    const answer = await this.#ask(probe.nodes, {
      kind: "probe",
      training: this.#number,
      planned: { ...probe.planned, constants: this.#constants() },
      batches: await this.#data.forReading(batches),
      step,
    });
    if (answer.kind !== "probe") throw new GraphError("the runtime gave no answer to a probe");
    return probe.origin(answer.notFinite, "rows" in batches ? batches.rows : undefined);
  }

  /** Copies of all that the training goes on with. */
  async snapshot(): Promise<Snapshot> {
    const answer = await this.#runtime.training({ kind: "snapshot", training: this.#number });
    if (answer.kind !== "snapshot") throw new GraphError("the runtime gave no snapshot");
    return answer.snapshot;
  }

  /** Goes on from a snapshot. */
  async restore(snapshot: Snapshot): Promise<void> {
    await this.#runtime.training({ kind: "restore", training: this.#number, snapshot });
  }

  /** The parameters of a snapshot as the tree that they came in. */
  parameters(snapshot: Snapshot): P {
    return mapTree(this.#options.parameters, (tensor, path) => {
      const data = snapshot.optimizer.tensors[`parameter:${path}`] ?? snapshot.states[path];
      if (!data) return tensor;
      const { dtype, shape } = tensor.value;
      return new Tensor({ dtype, shape, source: { kind: "data", data } });
    });
  }

  /** Releases what the thread keeps of it. A thread that has ended keeps nothing. */
  async close(): Promise<void> {
    if (this.#runtime.ended) return;
    await this.#data.close();
    await this.#runtime.training({ kind: "end", training: this.#number });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #program(form: Tree, isMeasuring: boolean): Promise<Loaded> {
    const key = formKey(form, isMeasuring);
    const known = this.#programs.get(key);
    if (known) return known;
    const { loss, parameters, precision } = this.#options;
    return this.#load(key, traceLoss(loss, parameters, form, isMeasuring, precision), isMeasuring);
  }

  async #load(key: string, traced: TracedLoss, isMeasuring: boolean): Promise<Loaded> {
    const number = this.#runtime.reserve();
    await this.#ask(traced.nodes, {
      kind: "program",
      training: this.#number,
      program: number,
      planned: {
        isMeasuring,
        model: traced.model,
        constants: this.#constants(),
        noise: traced.noise,
        metrics: traced.metrics,
      },
    });
    const loaded = { number, traced };
    this.#programs.set(key, loaded);
    return loaded;
  }

  /** What fails in a program is said of the user's operators. */
  async #ask(nodes: TracedLoss["nodes"], request: TrainingRequest): Promise<TrainingAnswer> {
    try {
      return await this.#runtime.training(request);
    } catch (error) {
      throw explain(error, nodes);
    }
  }

  /** Parameters that stay as they are. */
  #constants(): Readonly<Record<string, TensorData>> {
    return Object.fromEntries([...this.#values].filter(([path]) => !this.#trained.has(path)));
  }
}

/** WebGPU has no Scan: a recurrence would go to the CPU and back with each of its steps. */
function providerFor({ nodes }: TracedLoss, provider: Provider): Provider {
  const recurs = [...nodes.values()].some(({ operator }) => operator === "Scan");
  return provider === "webgpu" && recurs ? "cpu" : provider;
}

/** What tells programs of one training apart. */
function formKey(form: Tree, isMeasuring: boolean): string {
  const shapes = leaves(form).map(([path, { value }]) => `${path} ${value.dtype} ${value.shape.join()}`);
  return `${isMeasuring} ${shapes.join(";")}`;
}

function required<V>(value: V | undefined, path: string): V {
  if (value === undefined) throw new GraphError(`there is no parameter "${path}"`);
  return value;
}

function floats({ data, dtype }: TensorData, path: string): Float32Array {
  if (!(data instanceof Float32Array)) throw new GraphError(`"${path}" is ${dtype}: only float32 is trained`);
  return data;
}

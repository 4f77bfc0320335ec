/**
 * @file Steps of training: losses and gradients by ONNX Runtime, parameters moved in memory (`memory-parameters.ts`) or on
 * a device (`device-parameters.ts`), where states stay too.
 */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { RuntimeError } from "../errors.ts";
import { fillRandom } from "../random-source.ts";
import { BatchTensors } from "./batch-tensors.ts";
import { deviceParameters } from "./device-parameters.ts";
import { fetchFromDevice } from "./device-fetch.ts";
import { memoryParameters } from "./memory-parameters.ts";
import type { MovedParameters } from "./moved-parameters.ts";
import { findNotFinite } from "./probe.ts";
import { Session } from "./session.ts";
import { fromOrtTensor, toOrtTensor, type TensorData } from "./tensor-data.ts";
import {
  lossOutput,
  metricOutput,
  nextOutput,
  type Batches,
  type Columns,
  type NotFinite,
  type PlannedNoise,
  type PlannedProbe,
  type PlannedProgram,
  type Snapshot,
  type StepsReport,
  type TrainingPlan,
} from "./training-protocol.ts";

/** A source of noise with the memory that is filled for each step. */
interface LoadedNoise extends PlannedNoise {
  readonly data: Float32Array;
  readonly tensor: OrtTensor;
}

interface LoadedProgram {
  readonly planned: PlannedProgram;
  readonly session: Session;
  readonly constants: Readonly<Record<string, OrtTensor>>;
  readonly fetches: Readonly<Record<string, OrtTensor | null>>;
  readonly noise: readonly LoadedNoise[];
}

/** One training: parameters, their optimizer, and programs that compute on them. */
export class Trainer {
  readonly #plan: TrainingPlan;
  readonly #parameters: MovedParameters;
  readonly #states: Record<string, OrtTensor>;
  readonly #programs = new Map<number, LoadedProgram>();
  #gathering:
    { readonly columns: Columns; readonly size: number; readonly tensors: BatchTensors } | undefined;

  private constructor(plan: TrainingPlan, parameters: MovedParameters) {
    this.#plan = plan;
    this.#parameters = parameters;
    this.#states = Object.fromEntries(plan.states.map(({ name, value }) => [name, toOrtTensor(value)]));
  }

  /** Begins a training. Throws {@link RuntimeError} where its parameters can't be held. */
  static async create(plan: TrainingPlan): Promise<Trainer> {
    return new Trainer(plan, plan.onDevice ? await deviceParameters(plan) : memoryParameters(plan));
  }

  /** Loads a program under a number. */
  async addProgram(program: number, planned: PlannedProgram): Promise<void> {
    const { provider, threads, onDevice, states } = this.#plan;
    const next = states.map(({ name }) => nextOutput(name));
    const session = await Session.create(planned.model, {
      provider,
      threads,
      flushDenormals: true,
      onDevice: onDevice && !planned.isMeasuring ? [...Object.keys(this.#parameters.gradients), ...next] : [],
    });
    const reported = [lossOutput, ...planned.metrics.map(metricOutput)].map((name) => [name, null] as const);
    const moved = planned.isMeasuring
      ? []
      : [...Object.entries(this.#parameters.gradients), ...next.map((name) => [name, null] as const)];
    const fetches = Object.fromEntries([...reported, ...moved]);
    const constants = tensorsOf(planned.constants);
    this.#programs.set(program, { planned, session, constants, fetches, noise: memoryOf(planned.noise) });
  }

  /** What of a step is not finite, inputs first: one batch is run once more, and nothing moves. */
  async probe(
    planned: PlannedProbe,
    batches: Batches,
    columns: Columns | undefined,
    step: number,
  ): Promise<readonly NotFinite[]> {
    const { provider, threads } = this.#plan;
    await using session = await Session.create(planned.model, { provider, threads, flushDenormals: true });
    const [batch] = this.#batches(batches, columns);
    const feeds = {
      ...this.#parameters.feeds,
      ...this.#states,
      ...tensorsOf(planned.constants),
      ...batch,
      ...this.#noise(memoryOf(planned.noise), step),
    };
    return await findNotFinite(session, feeds, planned.outputs);
  }

  /** Runs a program over batches, one step each; stops at the first that is not finite. */
  async steps(
    program: number,
    batches: Batches,
    columns: Columns | undefined,
    rates: Float64Array,
    firstStep: number,
  ): Promise<StepsReport> {
    const loaded = this.#programs.get(program);
    if (!loaded) throw new RuntimeError("the training has no such program");
    const { planned } = loaded;
    const losses: number[] = [];
    const metrics: number[][] = planned.metrics.map(() => []);
    const gradientNorms: number[] = [];
    let notFinite: StepsReport["notFinite"];
    let step = 0;
    for (const batch of this.#batches(batches, columns)) {
      const feeds = {
        ...this.#parameters.feeds,
        ...this.#states,
        ...loaded.constants,
        ...batch,
        ...this.#noise(loaded.noise, firstStep + step),
      };
      const results = await loaded.session.runTensors(feeds, loaded.fetches);
      const loss = numberOf(results[lossOutput]);
      losses.push(loss);
      for (const [index, name] of planned.metrics.entries())
        metrics[index]?.push(numberOf(results[metricOutput(name)]));
      if (!planned.isMeasuring) {
        if (!Number.isFinite(loss)) {
          notFinite = "the loss";
          for (const each of Object.values(results)) if (each.location === "gpu-buffer") each.dispose();
        } else notFinite = await this.#move(results, rates[step] ?? 0, gradientNorms);
        if (notFinite !== undefined) break;
      }
      step++;
    }
    return {
      losses: Float64Array.from(losses),
      metrics: metrics.map((each) => Float64Array.from(each)),
      gradientNorms: Float64Array.from(gradientNorms),
      ...(notFinite !== undefined && { notFinite }),
    };
  }

  /** Copies of all that the training goes on with. */
  async snapshot(): Promise<Snapshot> {
    const states: Record<string, Float32Array> = {};
    for (const [name, tensor] of Object.entries(this.#states))
      states[name] = floatsOf(await fetchFromDevice(tensor)).slice();
    return { optimizer: await this.#parameters.save(), states };
  }

  /** Goes on from a snapshot. Throws {@link RuntimeError} where it is of other states, or as the optimizer does. */
  restore(snapshot: Snapshot): void {
    const states = this.#plan.states.map(({ name, value }) => {
      const saved = snapshot.states[name];
      if (saved?.length !== value.data.length)
        throw new RuntimeError(`the snapshot does not hold "${name}" as the model has it`);
      return [name, toOrtTensor({ ...value, data: saved.slice() })] as const;
    });
    this.#parameters.restore(snapshot.optimizer);
    for (const [name, tensor] of states) this.#states[name] = tensor;
  }

  /** Releases the programs. */
  async close(): Promise<void> {
    for (const { session } of this.#programs.values()) await session.close();
    this.#programs.clear();
    await this.#parameters.close();
    for (const tensor of Object.values(this.#states)) tensor.dispose();
  }

  /** Updates states and moves parameters; gives the parameter whose gradient is not finite. */
  async #move(
    results: Readonly<Record<string, OrtTensor>>,
    rate: number,
    gradientNorms: number[],
  ): Promise<StepsReport["notFinite"]> {
    const { gradientNorm, nonFinite } = await this.#parameters.move(results, rate);
    gradientNorms.push(gradientNorm);
    if (nonFinite !== undefined) return { gradientOf: nonFinite };
    for (const { name } of this.#plan.states) {
      const next = results[nextOutput(name)];
      if (!next) continue;
      this.#states[name]?.dispose();
      this.#states[name] = next;
    }
    return undefined;
  }

  *#batches(batches: Batches, columns: Columns | undefined): Generator<Readonly<Record<string, OrtTensor>>> {
    if ("columns" in batches) {
      for (const each of batches.columns)
        yield Object.fromEntries(Object.entries(each).map(([name, data]) => [name, toOrtTensor(data)]));
      return;
    }
    if (!columns) throw new RuntimeError("the training has no such data");
    const { rows, batchSize } = batches;
    if (this.#gathering?.columns !== columns || this.#gathering.size !== batchSize)
      this.#gathering = { columns, size: batchSize, tensors: new BatchTensors(columns, batchSize) };
    const { tensors } = this.#gathering;
    for (let start = 0; start + batchSize <= rows.length; start += batchSize) {
      tensors.gather(rows.subarray(start, start + batchSize));
      yield tensors.tensors;
    }
  }

  #noise(noise: readonly LoadedNoise[], step: number): Readonly<Record<string, OrtTensor>> {
    const { seed } = this.#plan;
    for (const { distribution, stream, data } of noise)
      fillRandom({ distribution, seed, step, stream }, data);
    return Object.fromEntries(noise.map(({ name, tensor }) => [name, tensor]));
  }
}

function memoryOf(noise: readonly PlannedNoise[]): readonly LoadedNoise[] {
  return noise.map((source) => {
    const data = new Float32Array(source.shape.reduce((product, size) => product * size, 1));
    return { ...source, data, tensor: toOrtTensor({ dtype: "float32", data, shape: source.shape }) };
  });
}

function tensorsOf(constants: PlannedProgram["constants"]): Readonly<Record<string, OrtTensor>> {
  return Object.fromEntries(Object.entries(constants).map(([name, data]) => [name, toOrtTensor(data)]));
}

function floatsOf({ data }: TensorData): Float32Array {
  if (!(data instanceof Float32Array)) throw new RuntimeError("a state is not float32");
  return data;
}

function numberOf(tensor: OrtTensor | undefined): number {
  return tensor ? Number(fromOrtTensor(tensor).data[0]) : Number.NaN;
}

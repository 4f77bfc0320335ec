/**
 * @file Training on a device: parameters, what the optimizer keeps of them and running means stay there, and a step is one
 * program (`step-program.ts`).
 *
 * To bring something to a device or back costs more than a step of a small network. Batches go there many at a time, and
 * losses come back as often; only columns of types that devices don't compute with, noise, and streams go step by step.
 * Each step reads one set of tensors and gives the next, so nothing is ever both a run's input and its output; what a step
 * replaces is freed at once. The norm of gradients is float32's: above 1.8e19 it counts as infinite.
 */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { RuntimeError } from "../errors.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import type { OnnxModel } from "../onnx/model.ts";
import { graphRule } from "../optimizers/graph-rule.ts";
import { updateRule } from "../optimizers/optimizer.ts";
import { savedArrays, savedKinds, savedName } from "../optimizers/saved-state.ts";
import { requireNotNegative, requirePositive } from "../../settings.ts";
import { DeviceBatches, deviceTypes, type ReadyBatches } from "./device-batches.ts";
import { fetchFromDevice, moveToDevice } from "./device-copy.ts";
import { packed, packParameters, type ParameterPack } from "./packed-parameters.ts";
import { findNotFinite } from "./probe.ts";
import {
  BatchReader,
  floatsOf,
  loadNoise,
  noiseOf,
  numberOf,
  restoredStates,
  statesOf,
  tensorsOf,
  type LoadedNoise,
} from "./program-feeds.ts";
import { Session } from "./session.ts";
import { carried, chunkInputs, keptState, packName, stepProgram, unpacking } from "./step-program.ts";
import { toOrtTensor } from "./tensor-data.ts";
import type { BatchSource, Trainer } from "./trainer.ts";
import {
  lossOutput,
  metricOutput,
  nextOutput,
  type Batches,
  type Columns,
  type NotFinite,
  type PlannedProbe,
  type PlannedProgram,
  type Snapshot,
  type StepsReport,
  type TrainingPlan,
} from "./training-protocol.ts";

interface LoadedProgram {
  readonly planned: PlannedProgram;
  readonly model: OnnxModel;
  readonly constants: Readonly<Record<string, OrtTensor>>;
  readonly noise: readonly LoadedNoise[];
  /** Its sessions, by the columns whose batches are on the device. */
  readonly sessions: Map<string, Session>;
}

type Tensors = Readonly<Record<string, OrtTensor>>;

/** What steps have reported so far. */
interface Reported {
  readonly losses: number[];
  readonly metrics: readonly number[][];
  readonly gradientNorms: number[];
  notFinite: StepsReport["notFinite"];
}

/** See the file's header. */
export class DeviceTrainer implements Trainer {
  readonly #plan: TrainingPlan;
  readonly #packs: readonly ParameterPack[];
  readonly #kinds: readonly string[];
  readonly #programs = new Map<number, LoadedProgram>();
  readonly #batches: DeviceBatches;
  readonly #reader = new BatchReader();
  /** Packs by their names; on the device from the first step on. */
  #arrays: Tensors;
  #states: Tensors;
  #steps = 0;

  /** Packs a plan's parameters. Throws InvalidInputError for settings that can't be. */
  constructor(plan: TrainingPlan) {
    const { clipping, optimizer, parameters } = plan;
    if (clipping && "maxNorm" in clipping) requirePositive("maxNorm", clipping.maxNorm);
    else if (clipping) requirePositive("maxValue", clipping.maxValue);
    const { slots, initial } = updateRule(optimizer);
    this.#plan = plan;
    this.#batches = new DeviceBatches(plan.provider);
    this.#packs = packParameters(parameters, optimizer);
    this.#kinds = savedKinds(slots);
    this.#states = tensorsOf(Object.fromEntries(statesOf(plan).map(({ name, value }) => [name, value])));
    const first = new Map(parameters.map(({ name, data }) => [name, data]));
    this.#arrays = this.#pack((kind, name) => {
      const data = first.get(name) ?? new Float32Array();
      return kind === 0 ? data : new Float32Array(data.length).fill(initial);
    });
  }

  async addProgram(program: number, planned: PlannedProgram): Promise<void> {
    const model = decodeOnnx(planned.model);
    const sessions = new Map<string, Session>();
    if (planned.isMeasuring) sessions.set("", await this.#session(unpacking(model, this.#packs)));
    const constants: Record<string, OrtTensor> = {};
    for (const [name, tensor] of Object.entries(tensorsOf(planned.constants)))
      constants[name] = deviceTypes.has(planned.constants[name]?.dtype ?? "string")
        ? await moveToDevice(tensor, this.#plan.provider)
        : tensor;
    this.#programs.set(program, { planned, model, constants, noise: loadNoise(planned.noise), sessions });
  }

  async steps(
    program: number,
    source: BatchSource,
    rates: Float64Array,
    firstStep: number,
  ): Promise<StepsReport> {
    if ("gathered" in source) throw new RuntimeError("a device's batches are gathered where they go to it");
    const { batches, columns } = source;
    const loaded = this.#programs.get(program);
    if (!loaded) throw new RuntimeError("the training has no such program");
    const { planned } = loaded;
    const reported: Reported = {
      losses: [],
      metrics: planned.metrics.map(() => []),
      gradientNorms: [],
      notFinite: undefined,
    };
    if (planned.isMeasuring)
      await this.#measure(loaded, this.#reader.read(batches, columns), firstStep, reported);
    else {
      for (const rate of rates) requireNotNegative("the learning rate", rate);
      let step = 0;
      for await (const some of this.#batches.ready(batches, columns)) {
        step += await this.#move(loaded, some, rates.subarray(step), firstStep + step, reported);
        if (reported.notFinite !== undefined) break;
      }
    }
    const { losses, metrics, gradientNorms, notFinite } = reported;
    return {
      losses: Float64Array.from(losses),
      metrics: metrics.map((each) => Float64Array.from(each)),
      gradientNorms: Float64Array.from(gradientNorms),
      ...(notFinite !== undefined && { notFinite }),
    };
  }

  async probe(
    planned: PlannedProbe,
    batches: Batches,
    columns: Columns | undefined,
    step: number,
  ): Promise<readonly NotFinite[]> {
    await using session = await this.#session(decodeOnnx(planned.model));
    const [batch] = this.#reader.read(batches, columns);
    const { optimizer, states } = await this.snapshot();
    const { parameters } = this.#plan;
    const feeds = {
      ...Object.fromEntries(
        parameters.map(({ name, shape }) => {
          const data = optimizer.tensors[savedName("parameter", name)] ?? new Float32Array();
          return [name, toOrtTensor({ dtype: "float32", data, shape })];
        }),
      ),
      ...tensorsOf(restoredStates(this.#plan, { optimizer, states })),
      ...tensorsOf(planned.constants),
      ...batch,
      ...noiseOf(loadNoise(planned.noise), this.#plan.seed, step),
    };
    return await findNotFinite(session, feeds, planned.outputs);
  }

  async snapshot(): Promise<Snapshot> {
    const tensors: Record<string, Float32Array> = {};
    const parts = new Map<string, Float32Array>();
    for (const [kind, kindName] of this.#kinds.entries())
      for (const [index, { members }] of this.#packs.entries()) {
        const whole = floatsOf(
          await fetchFromDevice(part(this.#arrays, packName(this.#kinds[kind] ?? "", index))),
        );
        for (const { name, offset, size } of members)
          parts.set(savedName(kindName, name), whole.slice(offset, offset + size));
      }
    for (const kind of this.#kinds)
      for (const { name } of this.#plan.parameters) {
        const found = parts.get(savedName(kind, name));
        if (found) tensors[savedName(kind, name)] = found;
      }
    const states: Record<string, Float32Array> = {};
    for (const [name, tensor] of Object.entries(this.#states))
      states[name] = floatsOf(await fetchFromDevice(tensor)).slice();
    return { optimizer: { step: this.#steps, tensors }, states };
  }

  restore(snapshot: Snapshot): void {
    const { optimizer, parameters } = this.#plan;
    const states = restoredStates(this.#plan, snapshot);
    const arrays = savedArrays(snapshot.optimizer, parameters, this.#kinds, optimizer.kind);
    const at = new Map(parameters.map(({ name }, index) => [name, index]));
    const packs = this.#pack((kind, name) => arrays[kind]?.[at.get(name) ?? -1]);
    dispose(this.#arrays);
    dispose(this.#states);
    this.#arrays = packs;
    this.#states = tensorsOf(states);
    this.#steps = snapshot.optimizer.step;
  }

  async close(): Promise<void> {
    for (const { sessions, constants } of this.#programs.values()) {
      for (const session of sessions.values()) await session.close();
      dispose(constants);
    }
    this.#programs.clear();
    dispose(this.#arrays);
    dispose(this.#states);
  }

  /** Takes steps, and reports what the log of them says; gives how many batches there were. */
  async #move(
    loaded: LoadedProgram,
    { count, forms, onDevice, each }: ReadyBatches,
    rates: Float64Array,
    firstStep: number,
    reported: Reported,
  ): Promise<number> {
    const { optimizer, parameters, seed, isScaled } = this.#plan;
    const { planned } = loaded;
    const key = [...forms.keys()].join("\n");
    const session = loaded.sessions.get(key) ?? (await this.#stepSession(loaded, forms));
    loaded.sessions.set(key, session);
    const rule = graphRule(optimizer);
    const numbers = Array.from({ length: count }, (_, step) =>
      rule.numbers(this.#steps + step + 1, rates[step] ?? 0),
    );
    const width = 1 + planned.metrics.length + (isScaled ? 1 : 0) + parameters.length;
    const whole: Tensors = {
      ...onDevice,
      [chunkInputs.numbers]: await this.#toDevice(Float32Array.from(numbers.flat()), [
        count,
        numbers[0]?.length ?? 0,
      ]),
      [chunkInputs.places]: await this.#toDevice(
        Int32Array.from({ length: count }, (_, step) => step),
        [count, 1],
      ),
    };
    let kept: Tensors = {
      [carried.step]: await this.#toDevice(Int32Array.of(0), [1]),
      [carried.fine]: await this.#toDevice(Float32Array.of(1), [1]),
      ...(isScaled && { [carried.skipped]: await this.#toDevice(Int32Array.of(0), [1]) }),
      [carried.log]: await this.#toDevice(new Float32Array(count * width), [count, width]),
    };
    const arrays = Object.keys(this.#arrays);
    const states = Object.keys(this.#states);
    const names = [...Object.keys(kept), ...arrays].map(nextOutput);
    const fetches = Object.fromEntries([...names, ...states.map(keptState)].map((name) => [name, null]));
    let log: Float32Array;
    try {
      let step = firstStep;
      for (const batch of each) {
        const noise = noiseOf(loaded.noise, seed, step++);
        const feeds = {
          ...this.#arrays,
          ...this.#states,
          ...kept,
          ...whole,
          ...loaded.constants,
          ...batch,
          ...noise,
        };
        const results = await session.runTensors(feeds, fetches);
        const next = (from: readonly string[], nameOf: (name: string) => string): Tensors =>
          Object.fromEntries(from.map((name) => [name, part(results, nameOf(name))]));
        for (const replaced of [kept, this.#arrays, this.#states]) dispose(replaced);
        this.#arrays = next(arrays, nextOutput);
        this.#states = next(states, keptState);
        kept = next(Object.keys(kept), nextOutput);
      }
      log = floatsOf(await fetchFromDevice(part(kept, carried.log)));
    } finally {
      dispose(kept);
      dispose(whole);
    }
    for (let step = 0; step < count && reported.notFinite === undefined; step++)
      this.#read(log.subarray(step * width, (step + 1) * width), planned.metrics.length, reported);
    return count;
  }

  /** Reads what a step has logged. */
  #read(row: Float32Array, metrics: number, reported: Reported): void {
    const [loss = Number.NaN] = row;
    reported.losses.push(loss);
    for (let metric = 0; metric < metrics; metric++)
      reported.metrics[metric]?.push(row[1 + metric] ?? Number.NaN);
    if (!Number.isFinite(loss)) {
      reported.notFinite = "the loss";
      return;
    }
    const { isScaled } = this.#plan;
    const squares = row.subarray(1 + metrics + (isScaled ? 1 : 0));
    // In float32, as the step itself decides.
    const sum = Math.fround(squares.reduce((total, each) => total + each, 0));
    reported.gradientNorms.push(Math.sqrt(sum));
    if (isScaled && !Number.isFinite(sum) && (row[1 + metrics] ?? 0) > 1) return;
    const bad = squares.findIndex((each) => !Number.isFinite(each));
    const name = this.#plan.parameters[bad]?.name;
    if (name !== undefined) reported.notFinite = { gradientOf: name };
    else this.#steps++;
  }

  async #measure(
    { planned, sessions, constants, noise }: LoadedProgram,
    batches: Iterable<Tensors>,
    firstStep: number,
    reported: Reported,
  ): Promise<void> {
    const session = sessions.get("");
    if (!session) throw new RuntimeError("the training has no such program");
    const names = [lossOutput, ...planned.metrics.map(metricOutput)];
    const fetches = Object.fromEntries(names.map((name) => [name, null]));
    let step = 0;
    for (const batch of batches) {
      const filled = noiseOf(noise, this.#plan.seed, firstStep + step++);
      const feeds = { ...this.#packsOfParameters(), ...this.#states, ...constants, ...batch, ...filled };
      const results = await session.runTensors(feeds, fetches);
      reported.losses.push(numberOf(results[lossOutput]));
      for (const [index, name] of planned.metrics.entries())
        reported.metrics[index]?.push(numberOf(results[metricOutput(name)]));
    }
  }

  #packsOfParameters(): Tensors {
    const [kind = ""] = this.#kinds;
    return Object.fromEntries(
      this.#packs.map((_, index) => [packName(kind, index), part(this.#arrays, packName(kind, index))]),
    );
  }

  async #toDevice(data: Float32Array | Int32Array, shape: readonly number[]): Promise<OrtTensor> {
    const tensor =
      data instanceof Int32Array
        ? toOrtTensor({ dtype: "int32", data, shape })
        : toOrtTensor({ dtype: "float32", data, shape });
    return moveToDevice(tensor, this.#plan.provider);
  }

  #pack(arrayOf: (kind: number, parameter: string) => Float32Array | undefined): Tensors {
    return Object.fromEntries(
      this.#kinds.flatMap((name, kind) =>
        this.#packs.map((pack, index) => {
          const data = packed(pack, (parameter) => arrayOf(kind, parameter));
          return [packName(name, index), toOrtTensor({ dtype: "float32", data, shape: [pack.size] })];
        }),
      ),
    );
  }

  async #stepSession({ planned, model }: LoadedProgram, forms: ReadyBatches["forms"]): Promise<Session> {
    const parts = { plan: this.#plan, packs: this.#packs, kinds: this.#kinds };
    return this.#session(stepProgram(model, parts, planned.metrics, forms), true);
  }

  async #session(model: OnnxModel, onDevice = false): Promise<Session> {
    const { provider, threads } = this.#plan;
    return Session.create(encodeOnnx(model), {
      provider,
      threads,
      flushDenormals: true,
      onDevice: onDevice ? model.graph.outputs.map(({ name }) => name) : [],
    });
  }
}

function part(tensors: Tensors, name: string): OrtTensor {
  const tensor = tensors[name];
  if (!tensor) throw new RuntimeError(`a step of training has no "${name}"`);
  return tensor;
}

function dispose(tensors: Tensors): void {
  for (const each of Object.values(tensors)) each.dispose();
}

/**
 * @file Training with parameters in the optimizer's own memory on the CPU: every run reads them as inputs and writes their
 * gradients as outputs. (One array as both a run's input and output gives silently wrong results.)
 */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { RuntimeError } from "../errors.ts";
import { nextScale, scaleNames } from "../loss-scaling.ts";
import { OptimizerState } from "../optimizers/optimizer-state.ts";
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
import { forCpu } from "./for-cpu.ts";
import { releaseCopies } from "./release-copies.ts";
import { Session } from "./session.ts";
import { fromOrtTensor, toOrtTensor } from "./tensor-data.ts";
import type { BatchSource, Trainer } from "./trainer.ts";
import {
  gradientOutput,
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
  readonly session: Session;
  readonly constants: Readonly<Record<string, OrtTensor>>;
  readonly fetches: Readonly<Record<string, OrtTensor | null>>;
  /** The outputs that go into the optimizer's memory. */
  readonly gradients: readonly string[];
  readonly noise: readonly LoadedNoise[];
}

/** See the file's header. */
export class MemoryTrainer implements Trainer {
  readonly #plan: TrainingPlan;
  readonly #optimizer: OptimizerState;
  readonly #parameters: Readonly<Record<string, OrtTensor>>;
  readonly #gradients: Readonly<Record<string, OrtTensor>>;
  readonly #states: Record<string, OrtTensor>;
  readonly #programs = new Map<number, LoadedProgram>();
  readonly #batches = new BatchReader();

  /** Puts a plan's parameters into memory. Throws as {@link OptimizerState} does. */
  constructor(plan: TrainingPlan) {
    this.#plan = plan;
    this.#optimizer = new OptimizerState(plan.parameters, plan.optimizer);
    const { parameters, gradients } = this.#optimizer;
    const held: Record<string, OrtTensor> = {};
    const given: Record<string, OrtTensor> = {};
    for (const [index, { name, shape, data }] of plan.parameters.entries()) {
      parameters[index]?.set(data);
      held[name] = tensorOf(parameters[index], shape);
      given[gradientOutput(name)] = tensorOf(gradients[index], shape);
    }
    this.#parameters = held;
    this.#gradients = given;
    this.#states = Object.fromEntries(statesOf(plan).map(({ name, value }) => [name, toOrtTensor(value)]));
  }

  async addProgram(program: number, planned: PlannedProgram): Promise<void> {
    const { provider, threads, states } = this.#plan;
    const model = provider === "cpu" ? await forCpu(planned.model) : planned.model;
    const session = await Session.create(model, { provider, threads, flushDenormals: true });
    const reported = [lossOutput, ...planned.metrics.map(metricOutput)].map((name) => [name, null] as const);
    const moved = planned.isMeasuring
      ? []
      : [...Object.entries(this.#gradients), ...states.map(({ name }) => [nextOutput(name), null] as const)];
    const fetches = Object.fromEntries([...reported, ...moved]);
    const constants = tensorsOf(planned.constants);
    const gradients = planned.isMeasuring ? [] : Object.keys(this.#gradients);
    const noise = loadNoise(planned.noise);
    this.#programs.set(program, { planned, session, constants, fetches, gradients, noise });
  }

  async probe(
    planned: PlannedProbe,
    batches: Batches,
    columns: Columns | undefined,
    step: number,
  ): Promise<readonly NotFinite[]> {
    const { provider, threads, seed } = this.#plan;
    await using session = await Session.create(planned.model, { provider, threads, flushDenormals: true });
    const [batch] = this.#batches.read(batches, columns);
    const feeds = {
      ...this.#parameters,
      ...this.#states,
      ...tensorsOf(planned.constants),
      ...batch,
      ...noiseOf(loadNoise(planned.noise), seed, step),
    };
    return await findNotFinite(session, feeds, planned.outputs);
  }

  async steps(
    program: number,
    source: BatchSource,
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
    const batches =
      "gathered" in source ? source.gathered : this.#batches.read(source.batches, source.columns);
    for await (const batch of batches) {
      const feeds = {
        ...this.#parameters,
        ...this.#states,
        ...loaded.constants,
        ...batch,
        ...noiseOf(loaded.noise, this.#plan.seed, firstStep + step),
      };
      const results = await loaded.session.runTensors(feeds, loaded.fetches);
      releaseCopies(loaded.gradients, results, this.#gradients);
      const loss = numberOf(results[lossOutput]);
      losses.push(loss);
      for (const [index, name] of planned.metrics.entries())
        metrics[index]?.push(numberOf(results[metricOutput(name)]));
      if (!planned.isMeasuring) {
        notFinite = Number.isFinite(loss) ? this.#move(results, rates[step] ?? 0, gradientNorms) : "the loss";
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

  async snapshot(): Promise<Snapshot> {
    const states: Record<string, Float32Array> = {};
    for (const [name, tensor] of Object.entries(this.#states))
      states[name] = floatsOf(fromOrtTensor(tensor)).slice();
    return { optimizer: this.#optimizer.save(), states };
  }

  restore(snapshot: Snapshot): void {
    const states = restoredStates(this.#plan, snapshot);
    this.#optimizer.restore(snapshot.optimizer);
    Object.assign(this.#states, tensorsOf(states));
  }

  async close(): Promise<void> {
    for (const { session } of this.#programs.values()) await session.close();
    this.#programs.clear();
  }

  /** Updates states and moves parameters; gives the parameter whose gradient is not finite. */
  #move(
    results: Readonly<Record<string, OrtTensor>>,
    rate: number,
    gradientNorms: number[],
  ): StepsReport["notFinite"] {
    const { gradientNorm, nonFinite } = this.#optimizer.step(rate, this.#plan.clipping);
    gradientNorms.push(gradientNorm);
    if (this.#plan.isScaled) {
      const isFinite = Number.isFinite(gradientNorm);
      const before = { factor: this.#scalar(scaleNames.factor), steps: this.#scalar(scaleNames.steps) };
      if (isFinite || before.factor > 1) {
        const { factor, steps } = nextScale(before, isFinite);
        for (const [name, value] of [
          [scaleNames.factor, factor],
          [scaleNames.steps, steps],
        ] as const)
          this.#states[name] = toOrtTensor({ dtype: "float32", shape: [], data: Float32Array.of(value) });
      }
      // The optimizer has moved nothing. The next steps try a smaller factor.
      if (!isFinite && before.factor > 1) return undefined;
    }
    if (nonFinite !== undefined) return { gradientOf: nonFinite };
    for (const { name } of this.#plan.states) {
      const next = results[nextOutput(name)];
      if (next) this.#states[name] = next;
    }
    return undefined;
  }

  #scalar(name: string): number {
    return numberOf(this.#states[name]);
  }
}

function tensorOf(data: Float32Array | undefined, shape: readonly number[]): OrtTensor {
  if (!data) throw new RuntimeError("the optimizer has fewer arrays than there are parameters");
  return toOrtTensor({ dtype: "float32", data, shape });
}

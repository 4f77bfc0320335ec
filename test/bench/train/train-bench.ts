/** @file `npm run bench -- train`: training steps of ours, PyTorch, TensorFlow.js and jax-js, in one run. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";
import type { BenchCase, CaseMeasurements, Measured } from "../bench-row.ts";
import { median } from "../statistics.ts";
import { type TrainCaseName, compileTime, fitOverhead, peakMemory, trainCases } from "./cases.ts";
import { SubjectProcess, type SubjectCommand } from "./subject-process.ts";
import { type SubjectName, subjectCommand } from "./train-peers.ts";

export interface TrainBenchOptions {
  readonly cases: readonly TrainCaseName[];
  readonly subjects: readonly SubjectName[];
  readonly rounds: number;
  /** Threads of the subjects that can use several. */
  readonly threads: number;
  /** Shorter turns. */
  readonly quick: boolean;
  readonly onProgress: (text: string) => void;
}

export interface TrainBenchResult {
  readonly measurements: readonly CaseMeasurements[];
  /** What each subject ran a case with, and where its loss went. */
  readonly remarks: readonly string[];
}

/** A step slower than this many seconds is measured once, not in every round. */
const slowStep = 5;
/** A median of fewer steps says little; more only learn the few batches by heart. */
const [fewestSteps, mostSteps] = [5, 300];
/** Milliseconds that one turn may take. */
const patience = 120_000;
/** Steps after which a loss must have fallen. */
const learningSteps = 40;

/**
 * Runs all cases. Within a round each subject takes its turn of about a second, so that what else the machine does hits
 * all alike; the others wait meanwhile. A turn's value is that of its median step.
 */
export async function benchTraining(options: TrainBenchOptions): Promise<TrainBenchResult> {
  const commands = new Map<SubjectName, SubjectCommand | string>();
  for (const name of options.subjects) {
    options.onProgress(`preparing ${name}`);
    commands.set(name, await subjectCommand(name, options.threads).catch(reason));
  }
  const measurements: CaseMeasurements[] = [];
  const remarks: string[] = [];
  for (const name of options.cases) {
    const turns = options.subjects.map((subject) => new SubjectTurns(name, subject, options.quick));
    try {
      for (const each of turns) {
        options.onProgress(`${name}: ${each.subject}`);
        await each.start(commands.get(each.subject) ?? "not prepared");
      }
      for (let round = 1; round <= options.rounds; round++) {
        options.onProgress(`${name}: round ${round} of ${options.rounds}`);
        for (const each of turns) await each.take(round);
      }
      for (const each of turns) each.judge();
    } finally {
      for (const each of turns) each.stop();
    }
    measurements.push(...measurementsOf(name, turns));
    if (options.subjects.includes("tenon") && name !== "matmul") {
      options.onProgress(`${name}: what fit adds`);
      const overhead = await measureFitOverhead(name, options.rounds, options.threads).catch(
        (error: unknown): Measured[] => [{ failed: reason(error) }],
      );
      measurements.push({ case: fitOverhead(name), byPeer: new Map([["tenon", overhead]]) });
    }
    remarks.push(...turns.flatMap(({ remark }) => (remark === undefined ? [] : [`${name}, ${remark}`])));
    const odd = name === "matmul" ? differentProducts(turns) : undefined;
    if (odd !== undefined) remarks.push(odd);
  }
  return { measurements, remarks };
}

/** See `fit-overhead.ts`; in a process of its own. */
async function measureFitOverhead(
  name: TrainCaseName,
  rounds: number,
  threads: number,
): Promise<readonly Measured[]> {
  const file = join(import.meta.dirname, "fit-overhead.ts");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", file, name, `${rounds}`, `${threads}`],
    { timeout: patience },
  );
  return v.parse(v.array(v.number()), JSON.parse(stdout));
}

function measurementsOf(name: TrainCaseName, turns: readonly SubjectTurns[]): CaseMeasurements[] {
  const table = (
    measured: BenchCase,
    of: (turns: SubjectTurns) => readonly Measured[],
  ): CaseMeasurements => ({
    case: measured,
    byPeer: new Map(turns.map((each) => [each.subject, of(each)])),
  });
  const compiled = turns.some(({ compileMs }) => compileMs.length > 0);
  return [
    table(trainCases[name], ({ values }) => values),
    table(peakMemory(name), ({ peakMiB }) => peakMiB),
    ...(compiled ? [table(compileTime(name), ({ compileMs }) => compileMs)] : []),
  ];
}

/** One subject in one case. What fails is recorded, and the subject takes no further turns. */
class SubjectTurns {
  readonly subject: SubjectName;
  readonly values: Measured[] = [];
  readonly #name: TrainCaseName;
  readonly #turnSeconds: number;
  #process: SubjectProcess | undefined;
  #ready = "";
  #baseMiB = 0;
  #stepSeconds = 0;
  #steps = 0;
  #firstLoss: number | null = null;
  #peakMiB: number | undefined;
  #compileSeconds = 0;
  lastLoss: number | null = null;

  constructor(name: TrainCaseName, subject: SubjectName, quick: boolean) {
    this.#name = name;
    this.subject = subject;
    this.#turnSeconds = quick ? 0.3 : 1;
  }

  get peakMiB(): readonly Measured[] {
    return this.#peakMiB === undefined ? [] : [this.#peakMiB];
  }

  /** Nothing where nothing is compiled. */
  get compileMs(): readonly Measured[] {
    return this.#compileSeconds === 0 ? [] : [1000 * this.#compileSeconds];
  }

  get remark(): string | undefined {
    if (this.#steps === 0) return undefined;
    const show = (loss: number | null): string => (loss === null ? "not finite" : loss.toPrecision(4));
    const result =
      this.#name === "matmul"
        ? `mean of the product ${show(this.lastLoss)}`
        : `loss ${show(this.#firstLoss)} to ${show(this.lastLoss)} in ${this.#steps} steps`;
    return `${this.subject}: ${this.#ready}; ${result}; ${this.#baseMiB.toFixed(0)} MiB before the model`;
  }

  /** Starts the process and runs its first steps, which are not measured. */
  async start(command: SubjectCommand | string): Promise<void> {
    await this.#attempt(async () => {
      if (typeof command === "string") throw new Error(command);
      this.#process = new SubjectProcess(command);
      const { ready, compileSeconds, baseMiB } = await this.#process.load(this.#name);
      [this.#ready, this.#compileSeconds, this.#baseMiB] = [ready, compileSeconds, baseMiB];
      this.#firstLoss = (await this.#run(1)).loss;
      // The second step is the first without one-time costs.
      if (this.#stepSeconds < slowStep) await this.#run(3);
    });
  }

  async take(round: number): Promise<void> {
    if (round > 1 && this.#stepSeconds > slowStep) return;
    await this.#attempt(async () => {
      const wanted = Math.round(this.#turnSeconds / this.#stepSeconds);
      const steps = this.#stepSeconds > slowStep ? 1 : Math.min(mostSteps, Math.max(fewestSteps, wanted));
      const { seconds } = await this.#run(steps);
      const step = median(seconds);
      this.values.push(trainCases[this.#name].unit === "ms" ? 1000 * step : 1 / step);
    });
  }

  /** A subject whose loss has not fallen did not do the work that is measured. */
  judge(): void {
    const [first, last] = [this.#firstLoss, this.lastLoss];
    if (this.#name === "matmul" || this.#steps < learningSteps || this.#process === undefined) return;
    if (first === null || last === null || !(last < first))
      this.values.splice(0, this.values.length, { failed: `the loss went from ${first} to ${last}` });
  }

  stop(): void {
    this.#process?.stop();
    this.#process = undefined;
  }

  async #run(steps: number): Promise<{ readonly seconds: readonly number[]; readonly loss: number | null }> {
    if (!this.#process) throw new Error("not started");
    const result = await this.#process.run(steps, patience);
    this.#steps += steps;
    this.#stepSeconds = median(result.seconds);
    this.#peakMiB = result.peakMiB;
    this.lastLoss = result.loss;
    return result;
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    if (this.values.some((value) => typeof value !== "number")) return;
    try {
      await act();
    } catch (error) {
      this.values.push({ failed: reason(error) });
      this.stop();
    }
  }
}

/** Who computed another product than the first subject. All multiply the same matrices. */
function differentProducts(turns: readonly SubjectTurns[]): string | undefined {
  const known = turns.flatMap(({ subject, lastLoss }) =>
    lastLoss === null ? [] : [{ subject, mean: lastLoss }],
  );
  const [first] = known;
  const odd = known.filter(({ mean }) => first && Math.abs(mean / first.mean - 1) > 1e-4);
  return odd.length === 0
    ? undefined
    : `matmul: another product: ${odd.map(({ subject }) => subject).join(", ")}`;
}

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "failed";
}

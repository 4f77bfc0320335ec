/**
 * @file The search: trials are begun one after another, run at the same time, and kept with what came of them.
 *
 * A trial's parameters are chosen while no other is chosen, so that each choice knows of all trials before, those that still
 * run included.
 */
import { setMaxListeners } from "node:events";
import { InvalidInputError } from "../errors.ts";
import { observed } from "../fit-observer.ts";
import { progress } from "../notebook/progress.ts";
import type { ProgressHandle } from "../notebook/progress-types.ts";
import { notebookHost } from "../notebook-host.ts";
import { Turns } from "../turns.ts";
import { internalValue } from "./distributions.ts";
import type { StudyRecord } from "./journal/journal-state.ts";
import { type Objective, ObjectiveModuleError, TrialPruned, WorkerCrashedError } from "./objective.ts";
import type { OptimizeOptions } from "./optimize-options.ts";
import type { Sampler } from "./samplers/sampler.ts";
import type { SearchSpace, SettingsOf, SpaceParameters } from "./space.ts";
import { isLost, type StudyStorage } from "./storage.ts";
import { StoredTrial } from "./stored-trial.ts";
import { lastStep, type TrialRecord } from "./trial-record.ts";

/** What the system attributes of a trial call a failure's reason, and a trial whose process has died. */
const failureKey = "fail_reason";
const lostKey = "tenon:lost";

/** What a search is made of. */
export interface SearchParts<P extends SpaceParameters> {
  readonly options: OptimizeOptions<P>;
  readonly sampler: Sampler;
  /** How many trials the study is to have. */
  readonly limit: number;
  readonly storage: StudyStorage;
  readonly record: StudyRecord;
  readonly objective: Objective<SettingsOf<P>>;
  readonly signal: AbortSignal | undefined;
}

/** A trial that was begun, with its settings. */
interface Begun<P extends SpaceParameters> {
  readonly trial: TrialRecord;
  readonly settings: SettingsOf<P>;
}

/** A search that runs. */
export class Search<P extends SpaceParameters> {
  readonly #parts: SearchParts<P>;
  readonly #sampler: Sampler;
  readonly #started = performance.now();
  /** Ends all lanes when one has failed. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #beginning: Promise<unknown> = Promise.resolve();

  constructor(parts: SearchParts<P>) {
    this.#parts = parts;
    this.#sampler = parts.sampler;
    this.#signal = parts.signal ? AbortSignal.any([parts.signal, this.#stop.signal]) : this.#stop.signal;
    // Each trial that runs listens, and so may its objective.
    setMaxListeners(0, this.#signal);
  }

  /** Runs trials until there are enough, in as many lanes as run at the same time. */
  async run(parallel: number): Promise<void> {
    const { limit, record } = this.#parts;
    using bar = notebookHost()
      ? progress(Number.isFinite(limit) ? limit : undefined, { label: record.name, unit: "trials" })
      : undefined;
    const lanes = Array.from({ length: parallel }, async () => this.#lane(bar));
    // All are waited for, also when one fails: no trial is left without an end.
    const ended = await Promise.allSettled(lanes);
    if (this.#signal.aborted) bar?.fail();
    this.#parts.signal?.throwIfAborted();
    if (!ended.some((lane) => lane.status === "rejected")) return;
    throw this.#stop.signal.reason;
  }

  async #lane(bar: ProgressHandle | undefined): Promise<void> {
    const turns = new Turns(this.#signal);
    try {
      for (let begun = await this.#next(); begun; begun = await this.#next()) {
        await this.#runTrial(begun);
        this.#show(bar);
        if (turns.due) await turns.give();
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#stop.abort(error);
      throw error;
    }
  }

  /** The next trial; undefined where there are enough. One at a time. */
  async #next(): Promise<Begun<P> | undefined> {
    const next = this.#beginning.then(async () => this.#begin());
    this.#beginning = next.catch(() => {});
    return next;
  }

  async #begin(): Promise<Begun<P> | undefined> {
    const { storage, record, options, limit } = this.#parts;
    this.#signal.throwIfAborted();
    const { timeout } = options;
    if (timeout !== undefined && performance.now() - this.#started >= timeout * 1000) return undefined;
    // Others may have written to it.
    await storage.study(record.name);
    const waiting = record.trials.find(({ state }) => state === "waiting");
    if (!waiting && countedTrials(record) >= limit) return undefined;
    const trial = waiting ? await storage.claimTrial(waiting) : await storage.createTrial(record);
    // Another process took it.
    if (!trial) return this.#begin();
    try {
      return { trial, settings: await this.#choose(trial) };
    } catch (error) {
      await storage.finishTrial(trial, "fail", undefined, { [failureKey]: messageOf(error) });
      throw error;
    }
  }

  /** Has the sampler choose a trial's parameters, and keeps them. */
  async #choose(trial: TrialRecord): Promise<SettingsOf<P>> {
    const { storage, record, options } = this.#parts;
    const { space, pruner } = options;
    const { name, trials } = record;
    const direction = options.direction ?? "minimize";
    const peers = pruner?.peers?.({ name, direction, trials }, trial.number) ?? trials;
    const { values, attributes } = this.#sampler.suggest({
      space,
      direction,
      trials: peers.filter(({ number }) => number !== trial.number),
      number: trial.number,
      fixed: fixedValues(space, trial),
    });
    const parameters = space.groups
      .flatMap((group) => group.parameters)
      .flatMap((parameter) => {
        const internal = values.get(parameter.name);
        return internal === undefined ? [] : [{ ...parameter, internal }];
      });
    await storage.setParameters(trial, parameters, attributes);
    return space.settings(values);
  }

  async #runTrial(begun: Begun<P>): Promise<void> {
    const { storage } = this.#parts;
    const { trial } = begun;
    let value: number;
    try {
      value = await observed(
        () => ({
          type: "trial",
          name: `${this.#parts.record.name} ${trial.number}`,
          parameters: Object.fromEntries(
            [...trial.parameters].map(([name, { value: chosen }]) => [name, chosen]),
          ),
        }),
        async () => await this.#valueOf(begun),
      );
    } catch (error) {
      if (error instanceof TrialPruned) return storage.finishTrial(trial, "pruned", lastReport(trial));
      await this.#fail(trial, messageOf(error));
      if (this.#isOnlyOfTrial(error)) return;
      throw error;
    }
    if (Number.isNaN(value)) await this.#fail(trial, "the objective gave NaN");
    else await storage.finishTrial(trial, "complete", value);
  }

  /** What the objective gives. */
  async #valueOf({ trial, settings }: Begun<P>): Promise<number> {
    const { storage, record, objective, options } = this.#parts;
    const { direction = "minimize", pruner } = options;
    const stored = new StoredTrial(trial, { storage, record, direction, pruner }, this.#signal);
    try {
      const value = await unlessAborted(this.#signal, async () => objective(settings, stored));
      if (typeof value === "number") return value;
      throw new InvalidInputError(`the objective gave ${String(value)}, which is no number`);
    } finally {
      stored.end();
    }
  }

  /** Whether an error fails its trial, and the search goes on. */
  #isOnlyOfTrial(error: unknown): boolean {
    if (error instanceof WorkerCrashedError) return true;
    if (this.#signal.aborted || error instanceof ObjectiveModuleError) return false;
    const { catch: isCaught } = this.#parts.options;
    return isCaught?.(error) === true;
  }

  async #fail(trial: TrialRecord, reason: string): Promise<void> {
    await this.#parts.storage.finishTrial(trial, "fail", undefined, { [failureKey]: reason });
  }

  #show(bar: ProgressHandle | undefined): void {
    if (!bar) return;
    const { record, options } = this.#parts;
    bar.set(countedTrials(record) - record.trials.filter(({ state }) => state === "running").length);
    const isBetter = (a: number, b: number): boolean => (options.direction === "maximize" ? a > b : a < b);
    let best: { readonly value: number; readonly number: number } | undefined;
    for (const { state, number, values } of record.trials) {
      const [value = Number.NaN] = values;
      if (state === "complete" && (!best || isBetter(value, best.value))) best = { value, number };
    }
    if (best) bar.note(`best ${Number(best.value.toPrecision(6))} at trial ${best.number}`);
  }
}

/** Fails the trials that processes of this machine that have died left running. */
export async function failLostTrials(storage: StudyStorage, { trials }: StudyRecord): Promise<void> {
  for (const trial of trials) {
    if (trial.state !== "running" || !isLost(trial)) continue;
    try {
      await storage.finishTrial(trial, "fail", undefined, { [lostKey]: true });
    } catch (error) {
      // Another process was faster.
      if (!(error instanceof InvalidInputError)) throw error;
    }
  }
}

/** Trials that count: all but those that a dead process left, and those that wait. */
function countedTrials({ trials }: StudyRecord): number {
  return trials.filter(({ state, systemAttributes }) => state !== "waiting" && !systemAttributes.has(lostKey))
    .length;
}

/** What Optuna's `enqueue_trial` laid down for a trial. */
function fixedValues(space: SearchSpace, { systemAttributes }: TrialRecord): ReadonlyMap<string, number> {
  const fixed = new Map(Object.entries(Object(systemAttributes.get("fixed_params") ?? {})));
  const values = new Map<string, number>();
  for (const { parameters } of space.groups)
    for (const { name, distribution } of parameters)
      if (fixed.has(name)) values.set(name, internalValue(distribution, fixed.get(name)));
  return values;
}

/** What a function gives, or the signal's reason, whichever is first. */
async function unlessAborted<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([run(), aborted]);
  } finally {
    if (onAbort) signal.removeEventListener("abort", onAbort);
  }
}

/** What a trial reported last, which Optuna keeps as a pruned trial's value; undefined for NaN. */
function lastReport(trial: TrialRecord): number | undefined {
  const step = lastStep(trial);
  const value = step === undefined ? undefined : trial.intermediateValues.get(step);
  return Number.isNaN(value) ? undefined : value;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @file A running trial as its objective sees it: what it says is kept, and the pruner is asked. */
import { InvalidInputError } from "../errors.ts";
import { stepReporter } from "../fit-observer.ts";
import { requireIndex } from "../settings.ts";
import type { Json } from "./journal/extended-json.ts";
import type { StudyRecord } from "./journal/journal-state.ts";
import { type Trial, TrialPruned } from "./objective.ts";
import type { Pruner } from "./pruners/pruner.ts";
import type { StudyStorage } from "./storage.ts";
import type { Direction, TrialRecord } from "./trial-record.ts";

/** Where a trial is kept and judged. */
export interface TrialContext {
  readonly storage: StudyStorage;
  readonly record: StudyRecord;
  readonly direction: Direction;
  readonly pruner: Pruner | undefined;
}

/** A trial that is kept in a storage. */
export class StoredTrial implements Trial {
  readonly number: number;
  readonly signal: AbortSignal;
  readonly #trial: TrialRecord;
  readonly #context: TrialContext;
  readonly #reportStep = stepReporter();
  #ended = false;

  constructor(trial: TrialRecord, context: TrialContext, signal: AbortSignal) {
    this.number = trial.number;
    this.signal = signal;
    this.#trial = trial;
    this.#context = context;
  }

  async report(value: number, step: number): Promise<void> {
    const reported = this.#report(value, step);
    // An objective that doesn't wait for it goes on, and must not end the process.
    reported.catch(() => {});
    return reported;
  }

  async #report(value: number, step: number): Promise<void> {
    this.#check();
    requireIndex("step", step);
    if (typeof value !== "number")
      throw new InvalidInputError(`trial ${this.number} reported ${String(value)}, which is no number`);
    const { storage, record, direction, pruner } = this.#context;
    if (this.#trial.intermediateValues.has(step)) return;
    await storage.report(this.#trial, step, value);
    this.#reportStep?.({ intermediate_value: value }, step);
    if (!pruner) return;
    const verdict = pruner.judge({ name: record.name, direction, trials: record.trials }, this.#trial);
    if (verdict.attributes) await storage.setSystemAttributes(this.#trial, verdict.attributes);
    if (verdict.prune) throw new TrialPruned(`trial ${this.number} was pruned at step ${step}`);
  }

  async setUserAttribute(key: string, value: Json): Promise<void> {
    this.#check();
    await this.#context.storage.setUserAttribute(this.#trial, key, value);
  }

  /** From now on the objective can't say anything any more. */
  end(): void {
    this.#ended = true;
  }

  #check(): void {
    this.signal.throwIfAborted();
    if (this.#ended) throw new InvalidInputError(`trial ${this.number} has ended already`);
  }
}

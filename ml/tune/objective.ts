/** @file What is optimised, and what it may say while it runs. */
import type { Json } from "./journal/extended-json.ts";

/** A trial as its objective sees it. */
export interface Trial {
  /** Its place among the trials of the study, from 0. */
  readonly number: number;
  /** Aborted when the search is stopped; worth passing on to a fit. */
  readonly signal: AbortSignal;
  /**
   * Tells how good the trial is so far; the pruner then decides. Only the first value of a step counts.
   * @param step a whole number from 0 up: the epoch, the fold, the share of the rows
   * @throws {@link TrialPruned} where the trial is not worth going on; let it pass
   */
  report(value: number, step: number): Promise<void>;
  /** Keeps something with the trial. */
  setUserAttribute(key: string, value: Json): Promise<void>;
}

/** What is optimised: a number for some settings. NaN fails the trial. */
export type Objective<Settings = unknown> = (settings: Settings, trial: Trial) => number | Promise<number>;

/** Ends a trial that is not worth going on; not an error of the program. */
export class TrialPruned extends Error {
  override readonly name = "TrialPruned";
}

/** Thrown where the thread of an objective has ended in the midst of a trial. */
export class WorkerCrashedError extends Error {
  override readonly name = "WorkerCrashedError";
}

/** Thrown where a module has no objective, or can't be loaded. */
export class ObjectiveModuleError extends Error {
  override readonly name = "ObjectiveModuleError";
}

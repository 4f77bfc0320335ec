/** @file What is known of a trial, as journals hold it. */
import { type Choice, contains, type Distribution, isCompatible } from "./distributions.ts";
import type { Json } from "./journal/extended-json.ts";

/** Which values are good: low ones or high ones. */
export type Direction = "minimize" | "maximize";

/** Where a trial stands; Optuna's states. */
export type TrialState = "running" | "complete" | "pruned" | "fail" | "waiting";

/** What a trial took for one parameter. */
export interface TrialParameter {
  readonly distribution: Distribution;
  /** The number that samplers compute with. */
  readonly internal: number;
  /** What the objective got. */
  readonly value: Choice;
}

/** A trial as it is stored. */
export interface TrialRecord {
  /** Its place among all trials of the storage. */
  readonly id: number;
  /** Its place among the trials of its study, from 0. */
  readonly number: number;
  readonly state: TrialState;
  /**
   * What the objective gave, several values in a study of several objectives; of a pruned trial what it reported last. None of
   * any other.
   */
  readonly values: readonly number[];
  readonly parameters: ReadonlyMap<string, TrialParameter>;
  /** What the objective reported, by step. */
  readonly intermediateValues: ReadonlyMap<number, number>;
  /** What the objective noted down. */
  readonly userAttributes: ReadonlyMap<string, Json>;
  /** What samplers and pruners noted down. */
  readonly systemAttributes: ReadonlyMap<string, Json>;
  readonly startedAt: Date | undefined;
  readonly completedAt: Date | undefined;
  /** The process or thread that runs it or ran it. */
  readonly worker: string;
}

/** Whether nothing more can happen to a trial. */
export function isFinished(state: TrialState): boolean {
  return state === "complete" || state === "pruned" || state === "fail";
}

/** The last step that was reported; undefined for none. */
export function lastStep({ intermediateValues }: TrialRecord): number | undefined {
  let last: number | undefined;
  for (const step of intermediateValues.keys()) if (last === undefined || step > last) last = step;
  return last;
}

/** The number of a stored value in a space; undefined where the space has no such value. */
export function numberIn(distribution: Distribution, stored: TrialParameter | undefined): number | undefined {
  if (!stored || !isCompatible(distribution, stored.distribution)) return undefined;
  return contains(distribution, stored.internal) ? stored.internal : undefined;
}

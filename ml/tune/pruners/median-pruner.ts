import { requireCount, requireIndex } from "../../settings.ts";
import { type Direction, lastStep, type TrialRecord } from "../trial-record.ts";
import type { Pruner } from "./pruner.ts";

/** Settings of {@link medianPruner}, by Optuna's names. */
export interface MedianPrunerOptions {
  /** How many trials must be completed before any is pruned; 5 where absent. */
  readonly nStartupTrials?: number;
  /** Steps before this one are never judged; 0 where absent. */
  readonly nWarmupSteps?: number;
  /** How many steps are from one judgement to the next; 1 where absent. */
  readonly intervalSteps?: number;
  /** How many trials must have reported at a step; 1 where absent. */
  readonly nMinTrials?: number;
}

/**
 * Ends a trial whose best report so far is worse than the median of what completed trials reported at the same step: Optuna's
 * MedianPruner (Golovin et al., "Google Vizier", 2017).
 * @throws {@link InvalidInputError} for settings out of range
 */
export function medianPruner(options: MedianPrunerOptions = {}): Pruner {
  const { nStartupTrials = 5, nWarmupSteps = 0, intervalSteps = 1, nMinTrials = 1 } = options;
  requireIndex("nStartupTrials", nStartupTrials);
  requireIndex("nWarmupSteps", nWarmupSteps);
  requireCount("intervalSteps", intervalSteps);
  requireCount("nMinTrials", nMinTrials);
  return {
    kind: "median",
    judge: ({ trials, direction }, trial) => {
      const completed = trials.filter(({ state }) => state === "complete");
      const step = lastStep(trial);
      if (
        completed.length === 0 ||
        completed.length < nStartupTrials ||
        step === undefined ||
        step < nWarmupSteps
      )
        return { prune: false };
      const due = Math.floor((step - nWarmupSteps) / intervalSteps) * intervalSteps + nWarmupSteps;
      if ([...trial.intermediateValues.keys()].some((other) => other !== step && other >= due))
        return { prune: false };
      const best = bestReport(trial, direction);
      if (best === undefined) return { prune: true };
      const reported = completed.flatMap(({ intermediateValues }) => intermediateValues.get(step) ?? []);
      if (reported.length < nMinTrials) return { prune: false };
      const median = medianOf(reported.filter((value) => !Number.isNaN(value)));
      return { prune: direction === "minimize" ? best > median : best < median };
    },
  };
}

/** The best of all reports; undefined where all are NaN. */
function bestReport({ intermediateValues }: TrialRecord, direction: Direction): number | undefined {
  let best: number | undefined;
  for (const value of intermediateValues.values())
    if (
      !Number.isNaN(value) &&
      (best === undefined || (direction === "minimize" ? value < best : value > best))
    )
      best = value;
  return best;
}

/** NaN for no values. */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  if (sorted.length % 2 === 1) return upper;
  const lower = sorted[sorted.length / 2 - 1] ?? Number.NaN;
  return lower === upper ? lower : (lower + upper) / 2;
}

/** @file Asynchronous successive halving: at rungs of rising length only the best share of the trials goes on. */
import { InvalidInputError } from "../../errors.ts";
import { requireCount, requireIndex } from "../../settings.ts";
import { type Direction, lastStep, type TrialRecord } from "../trial-record.ts";
import type { Pruner, Verdict } from "./pruner.ts";

/** Settings of {@link successiveHalvingPruner}, by Optuna's names. */
export interface SuccessiveHalvingOptions {
  /**
   * The step of the first rung. "auto", the default, is a hundredth of the steps of the trial that was completed first; until
   * then none is pruned.
   */
  readonly minResource?: number | "auto";
  /** One of how many trials goes on at a rung, and how many times longer the next rung is; 4 where absent. */
  readonly reductionFactor?: number;
  /** How many rungs are left out at the beginning; 0 where absent. */
  readonly minEarlyStoppingRate?: number;
  /** How many trials must have come to a rung before one goes on; 0 where absent. */
  readonly bootstrapCount?: number;
}

/**
 * Ends trials that are not among the best at their rung: Optuna's SuccessiveHalvingPruner (Li et al., "A system for massively
 * parallel hyperparameter tuning", 2020: ASHA). The step counts the resource.
 * @throws {@link InvalidInputError} for settings out of range
 */
export function successiveHalvingPruner(options: SuccessiveHalvingOptions = {}): Pruner {
  const { minResource = "auto", reductionFactor = 4, minEarlyStoppingRate = 0, bootstrapCount = 0 } = options;
  if (minResource !== "auto") requireCount("minResource", minResource);
  requireReductionFactor(reductionFactor);
  requireIndex("minEarlyStoppingRate", minEarlyStoppingRate);
  requireIndex("bootstrapCount", bootstrapCount);
  if (minResource === "auto" && bootstrapCount > 0)
    throw new InvalidInputError('a bootstrapCount needs a minResource that is not "auto"');
  return {
    kind: "successiveHalving",
    judge: ({ trials, direction }, trial) => {
      const first = minResource === "auto" ? estimatedMinResource(trials) : minResource;
      if (first === undefined) return { prune: false };
      return judgeAtRungs(trials, trial, {
        first: first * reductionFactor ** minEarlyStoppingRate,
        reductionFactor,
        bootstrapCount,
        direction,
      });
    },
  };
}

/** The rungs of one successive halving. */
export interface Rungs {
  /** The step of the first rung. */
  readonly first: number;
  readonly reductionFactor: number;
  readonly bootstrapCount: number;
  readonly direction: Direction;
}

/**
 * Takes a trial to as many rungs as it has reached, and says whether it goes on from the last.
 * @param trials those that it competes with
 */
export function judgeAtRungs(trials: readonly TrialRecord[], trial: TrialRecord, rungs: Rungs): Verdict {
  const step = lastStep(trial);
  if (step === undefined) return { prune: false };
  const value = trial.intermediateValues.get(step) ?? Number.NaN;
  const attributes: Record<string, number> = {};
  let rung = 0;
  while (trial.systemAttributes.has(rungKey(rung))) rung++;
  for (; step >= rungs.first * rungs.reductionFactor ** rung; rung++) {
    if (Number.isNaN(value)) return { prune: true, attributes };
    attributes[rungKey(rung)] = value;
    const competing = trials.flatMap(({ id, systemAttributes }) => {
      const other = systemAttributes.get(rungKey(rung));
      return id !== trial.id && typeof other === "number" ? [other] : [];
    });
    competing.push(value);
    if (competing.length <= rungs.bootstrapCount || !isPromoted(value, competing, rungs))
      return { prune: true, attributes };
  }
  return { prune: false, attributes };
}

/** The trial that was completed first, of those that reported something. */
export function firstCompleted(trials: readonly TrialRecord[]): TrialRecord | undefined {
  let first: TrialRecord | undefined;
  for (const trial of trials)
    if (trial.state === "complete" && trial.intermediateValues.size > 0)
      if (!first || Number(trial.completedAt) < Number(first.completedAt)) first = trial;
  return first;
}

/** @throws {@link InvalidInputError} */
export function requireReductionFactor(factor: number): void {
  requireCount("reductionFactor", factor);
  if (factor < 2)
    throw new InvalidInputError(`reductionFactor must be a whole number from 2 up, not ${factor}`);
}

/** The name under which Optuna keeps a trial's value at a rung. */
function rungKey(rung: number): string {
  return `completed_rung_${rung}`;
}

/** Whether a value is among the best share; of fewer than one share, whether it is the best. */
function isPromoted(
  value: number,
  competing: readonly number[],
  { reductionFactor, direction }: Rungs,
): boolean {
  const sign = direction === "minimize" ? 1 : -1;
  const sorted = competing.map((each) => sign * each).sort((a, b) => (a === b ? 0 : a < b ? -1 : 1));
  const last = Math.max(0, Math.floor(competing.length / reductionFactor) - 1);
  return sign * value <= (sorted[last] ?? Number.NaN);
}

function estimatedMinResource(trials: readonly TrialRecord[]): number | undefined {
  const first = firstCompleted(trials);
  const steps = first && lastStep(first);
  return steps === undefined ? undefined : Math.max(1, Math.floor(steps / 100));
}

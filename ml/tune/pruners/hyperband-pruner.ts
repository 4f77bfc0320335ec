/** @file Hyperband: several successive halvings side by side, which begin to prune at different steps. */
import { crc32 } from "node:zlib";
import { InvalidInputError } from "../../errors.ts";
import { requireCount, requireIndex } from "../../settings.ts";
import { lastStep, type TrialRecord } from "../trial-record.ts";
import type { JudgedStudy, Pruner } from "./pruner.ts";
import { firstCompleted, judgeAtRungs, requireReductionFactor } from "./successive-halving-pruner.ts";

/** Settings of {@link hyperbandPruner}, by Optuna's names. */
export interface HyperbandOptions {
  /** The step of the first rung; 1 where absent. */
  readonly minResource?: number;
  /**
   * How many steps a trial has at most. "auto", the default, is what the trial that was completed first had; until then none
   * is pruned.
   */
  readonly maxResource?: number | "auto";
  /** One of how many trials goes on at a rung, and how many times longer the next rung is; 3 where absent. */
  readonly reductionFactor?: number;
  /** How many trials must have come to a rung before one goes on; 0 where absent. */
  readonly bootstrapCount?: number;
}

/**
 * Ends trials by several successive halvings, to which they are assigned by the study's name and their number: Optuna's
 * HyperbandPruner (Li et al., "Hyperband", 2018). A sampler sees only trials of the same halving.
 * @throws {@link InvalidInputError} for settings out of range
 */
export function hyperbandPruner(options: HyperbandOptions = {}): Pruner {
  const { minResource = 1, maxResource = "auto", reductionFactor = 3, bootstrapCount = 0 } = options;
  requireCount("minResource", minResource);
  if (maxResource !== "auto") requireCount("maxResource", maxResource);
  requireReductionFactor(reductionFactor);
  requireIndex("bootstrapCount", bootstrapCount);
  if (maxResource === "auto" && bootstrapCount > 0)
    throw new InvalidInputError('a bootstrapCount needs a maxResource that is not "auto"');
  if (maxResource !== "auto" && maxResource < minResource)
    throw new InvalidInputError(`maxResource ${maxResource} is below minResource ${minResource}`);

  /** How many of the trials each halving gets, in proportion; undefined while the resource is unknown. */
  const shares = (trials: readonly TrialRecord[]): readonly number[] | undefined => {
    const most = maxResource === "auto" ? stepsOfFirst(trials) : maxResource;
    if (most === undefined) return undefined;
    const brackets = 1 + Math.max(0, Math.floor(Math.log(most / minResource) / Math.log(reductionFactor)));
    return Array.from({ length: brackets }, (_, bracket) => {
      const s = brackets - 1 - bracket;
      return Math.ceil((brackets * reductionFactor ** s) / (s + 1));
    });
  };
  const peers = ({ name, trials }: JudgedStudy, number: number): readonly TrialRecord[] => {
    const found = shares(trials);
    if (!found) return trials;
    const bracket = bracketOf(found, name, number);
    return trials.filter((trial) => bracketOf(found, name, trial.number) === bracket);
  };
  return {
    kind: "hyperband",
    peers,
    judge: (study, trial) => {
      const found = shares(study.trials);
      if (!found) return { prune: false };
      return judgeAtRungs(peers(study, trial.number), trial, {
        first: minResource * reductionFactor ** bracketOf(found, study.name, trial.number),
        reductionFactor,
        bootstrapCount,
        direction: study.direction,
      });
    },
  };
}

function bracketOf(shares: readonly number[], name: string, number: number): number {
  const total = shares.reduce((sum, share) => sum + share, 0);
  let rest = crc32(`${name}_${number}`) % total;
  for (const [bracket, share] of shares.entries()) {
    rest -= share;
    if (rest < 0) return bracket;
  }
  return shares.length - 1;
}

function stepsOfFirst(trials: readonly TrialRecord[]): number | undefined {
  const first = firstCompleted(trials);
  const step = first && lastStep(first);
  return step === undefined ? undefined : step + 1;
}

/**
 * @file The tree-structured Parzen estimator: of values drawn where good trials lie densely, the one is tried where bad ones
 * lie least densely. As Optuna's TPESampler 5.0 with its defaults; Bergstra et al., "Algorithms for hyper-parameter
 * optimization", 2011, and Watanabe, "Tree-structured Parzen estimator", 2023.
 */
import { requireCount, requireIndex } from "../../settings.ts";
import type { Random } from "../../random.ts";
import type { NamedParameter } from "../space.ts";
import { type Direction, lastStep, numberIn, type TrialRecord } from "../trial-record.ts";
import { ParzenEstimator } from "./parzen-estimator.ts";
import { sampleGroups, seedOf, trialRandom, type Sampler, type SeedOptions } from "./sampler.ts";

/** Settings of {@link tpeSampler}, by Optuna's names. */
export interface TpeOptions extends SeedOptions {
  /** How many trials are drawn at random before; 10 where absent. */
  readonly nStartupTrials?: number;
  /** How many values are drawn of which one is tried; 24 where absent. */
  readonly nEiCandidates?: number;
  /**
   * Whether parameters that are there together are looked at jointly, and not each by itself; true where absent. What
   * depends on a branch is looked at by itself (Optuna's `group`).
   */
  readonly multivariate?: boolean;
  /** Whether trials that still run count as bad ones, so that others keep away from them; true where absent. */
  readonly constantLiar?: boolean;
}

/**
 * A sampler that learns from the trials so far which values are worth trying: the usual choice.
 * @throws {@link InvalidInputError} for settings out of range
 */
export function tpeSampler(options: TpeOptions = {}): Sampler {
  const { nStartupTrials = 10, nEiCandidates = 24, multivariate = true, constantLiar = true } = options;
  requireIndex("nStartupTrials", nStartupTrials);
  requireCount("nEiCandidates", nEiCandidates);
  const seed = seedOf(options);
  return {
    kind: "tpe",
    suggest: (sampled) => {
      const random = trialRandom(seed, sampled.number);
      const { good, bad } = splitTrials(sampled.trials, sampled.direction, constantLiar);
      const ended = sampled.trials.filter(({ state }) => state === "complete" || state === "pruned").length;
      const values = sampleGroups(sampled, random, (_, parameters) => {
        if (ended < nStartupTrials) return new Map<string, number>();
        const sets = multivariate ? [parameters] : parameters.map((parameter) => [parameter]);
        return new Map(sets.flatMap((set) => bestCandidate(set, good, bad, nEiCandidates, random)));
      });
      return { values };
    },
  };
}

/** Of candidates drawn where good trials lie, the one whose density among the good is highest against that of the bad. */
function bestCandidate(
  parameters: readonly NamedParameter[],
  good: readonly TrialRecord[],
  bad: readonly TrialRecord[],
  candidates: number,
  random: Random,
): readonly (readonly [string, number])[] {
  const goodDensity = new ParzenEstimator(parameters, observed(parameters, good));
  const badDensity = new ParzenEstimator(parameters, observed(parameters, bad));
  let best: readonly number[] = [];
  let highest = Number.NEGATIVE_INFINITY;
  for (let draw = 0; draw < candidates; draw++) {
    const candidate = goodDensity.sample(random);
    const ratio = goodDensity.logDensity(candidate) - badDensity.logDensity(candidate);
    if (draw > 0 && !(ratio > highest)) continue;
    highest = ratio;
    best = candidate;
  }
  return parameters.map(({ name }, at) => [name, best[at] ?? 0] as const);
}

/** The values of the trials that have all of the parameters. */
function observed(
  parameters: readonly NamedParameter[],
  trials: readonly TrialRecord[],
): readonly (readonly number[])[] {
  return trials.flatMap((trial) => {
    const values = parameters.flatMap(
      ({ name, distribution }) => numberIn(distribution, trial.parameters.get(name)) ?? [],
    );
    return values.length === parameters.length ? [values] : [];
  });
}

/**
 * The best tenth of the ended trials (at most 25), and the rest with those that run, each in their order. Completed trials come
 * before pruned ones, of which those that went farther come first.
 */
export function splitTrials(
  trials: readonly TrialRecord[],
  direction: Direction,
  constantLiar: boolean,
): { readonly good: readonly TrialRecord[]; readonly bad: readonly TrialRecord[] } {
  const sign = direction === "minimize" ? 1 : -1;
  const inState = (state: TrialRecord["state"]): TrialRecord[] =>
    trials.filter((trial) => trial.state === state);
  const complete = inState("complete").sort(
    (a, b) => ordered(sign * (a.values[0] ?? 0), sign * (b.values[0] ?? 0)) || a.number - b.number,
  );
  const pruned = inState("pruned").sort((a, b) => comparePruned(a, b, sign) || a.number - b.number);
  const ended = [...complete, ...pruned];
  const count = Math.min(Math.ceil(0.1 * ended.length), 25);
  const byNumber = (a: TrialRecord, b: TrialRecord): number => a.number - b.number;
  return {
    good: ended.slice(0, count).sort(byNumber),
    bad: [...ended.slice(count), ...(constantLiar ? inState("running") : [])].sort(byNumber),
  };
}

function comparePruned(a: TrialRecord, b: TrialRecord, sign: number): number {
  const [aStep, bStep] = [lastStep(a), lastStep(b)];
  if (aStep === undefined || bStep === undefined)
    return Number(aStep === undefined) - Number(bStep === undefined);
  const value = (trial: TrialRecord, step: number): number => {
    const reported = trial.intermediateValues.get(step) ?? Number.NaN;
    return Number.isNaN(reported) ? Number.POSITIVE_INFINITY : sign * reported;
  };
  return bStep - aStep || ordered(value(a, aStep), value(b, bStep));
}

/** Which of two numbers comes first, infinite ones too. */
function ordered(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/**
 * @file CMA-ES over the numeric parameters. What it has learned follows from the trials alone: each notes its generation
 * (under Optuna's name, `cma:generation`), so a search goes on after a restart as if there had been none.
 */
import { requireIndex } from "../../settings.ts";
import type { NumericDistribution } from "../distributions.ts";
import type { NamedParameter } from "../space.ts";
import { type Direction, numberIn, type TrialRecord } from "../trial-record.ts";
import { CovarianceMatrixAdaptation, populationSize, type Solution } from "./covariance-matrix-adaptation.ts";
import { sampleGroups, seedOf, trialRandom, type Sampler, type SeedOptions } from "./sampler.ts";
import { fromUnit, toUnit } from "./unit-interval.ts";

/** Settings of {@link cmaEsSampler}, by Optuna's names. */
export interface CmaEsOptions extends SeedOptions {
  /** How many trials are completed before; 1 where absent. */
  readonly nStartupTrials?: number;
}

const generationKey = "cma:generation";

interface NumericParameter extends NamedParameter {
  readonly distribution: NumericDistribution;
}

/**
 * A sampler for numbers that depend on each other, for some hundreds of trials and more: as Optuna's CmaEsSampler with its
 * defaults. Categories, and what depends on a branch, are drawn at random.
 * @throws {@link InvalidInputError} for settings out of range
 */
export function cmaEsSampler(options: CmaEsOptions = {}): Sampler {
  const { nStartupTrials = 1 } = options;
  requireIndex("nStartupTrials", nStartupTrials);
  const seed = seedOf(options);
  let learned: Learned | undefined;
  return {
    kind: "cmaEs",
    suggest: (sampled) => {
      const random = trialRandom(seed, sampled.number);
      const complete = sampled.trials.filter(({ state }) => state === "complete");
      let generation: number | undefined;
      const values = sampleGroups(sampled, random, ({ condition }, parameters) => {
        const numeric = parameters.flatMap(({ name, distribution }): readonly NumericParameter[] =>
          distribution.kind === "categorical" ? [] : [{ name, distribution }],
        );
        if (condition !== undefined || numeric.length === 0 || complete.length < nStartupTrials)
          return new Map<string, number>();
        const generations = generationsOf(numeric, complete, sampled.direction);
        if (!learned?.fits(numeric, generations)) learned = new Learned(numeric);
        learned.goOn(generations);
        generation = learned.adaptation.generation;
        const point = learned.adaptation.ask(random);
        return new Map(
          numeric.map(({ name, distribution }, at) => [name, fromUnit(distribution, point[at] ?? 0)]),
        );
      });
      return { values, ...(generation !== undefined && { attributes: { [generationKey]: generation } }) };
    },
  };
}

/** What was learned, and of which trials. */
class Learned {
  readonly adaptation: CovarianceMatrixAdaptation;
  readonly #parameters: readonly NumericParameter[];
  readonly #told: TrialRecord[] = [];

  constructor(parameters: readonly NumericParameter[]) {
    this.#parameters = parameters;
    this.adaptation = new CovarianceMatrixAdaptation(parameters.length);
  }

  /** Whether all that it has learned of is among these trials of these parameters. */
  fits(parameters: readonly NumericParameter[], generations: Generations): boolean {
    const isSame = parameters.every(({ name, distribution }, at) => {
      const own = this.#parameters[at];
      return own?.name === name && own.distribution === distribution;
    });
    if (!isSame || parameters.length !== this.#parameters.length) return false;
    const known = Array.from(
      { length: this.adaptation.generation },
      (_, at) => generations.get(at) ?? [],
    ).flat();
    return this.#told.every((trial, at) => known[at]?.trial === trial);
  }

  /** Learns of each whole population that comes next. */
  goOn(generations: Generations): void {
    for (;;) {
      const next = generations.get(this.adaptation.generation) ?? [];
      if (next.length < this.adaptation.populationSize) return;
      this.adaptation.tell(next);
      this.#told.push(...next.map(({ trial }) => trial));
    }
  }
}

/** The solutions of each generation that were completed first, as many as a population has. */
type Generations = ReadonlyMap<number, readonly TrialSolution[]>;

interface TrialSolution extends Solution {
  readonly trial: TrialRecord;
}

function generationsOf(
  parameters: readonly NumericParameter[],
  complete: readonly TrialRecord[],
  direction: Direction,
): Generations {
  const population = populationSize(parameters.length);
  const generations = new Map<number, TrialSolution[]>();
  const inOrder = complete.toSorted(
    (a, b) => Number(a.completedAt) - Number(b.completedAt) || a.number - b.number,
  );
  for (const trial of inOrder) {
    const generation = trial.systemAttributes.get(generationKey);
    const solution = solutionOf(parameters, trial, direction);
    if (typeof generation !== "number" || !solution) continue;
    const solutions = generations.get(generation) ?? [];
    generations.set(generation, solutions);
    if (solutions.length < population) solutions.push({ ...solution, trial });
  }
  return generations;
}

function solutionOf(
  parameters: readonly NumericParameter[],
  trial: TrialRecord,
  direction: Direction,
): Solution | undefined {
  const point = new Float64Array(parameters.length);
  for (const [at, { name, distribution }] of parameters.entries()) {
    const value = numberIn(distribution, trial.parameters.get(name));
    if (value === undefined) return undefined;
    point[at] = toUnit(distribution, value);
  }
  const value = trial.values[0] ?? 0;
  return { point, value: direction === "minimize" ? value : -value };
}

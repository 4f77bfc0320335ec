/**
 * @file How much each parameter matters for being among the best trials: PED-ANOVA (Watanabe, Bansal and Hutter, "PED-ANOVA:
 * efficiently quantifying hyperparameter importance in arbitrary subspaces", 2023, and its extension to conditional
 * parameters), as Optuna's default evaluator computes it.
 *
 * Of each parameter the density of the best tenth of the trials is held against that of all, on a grid: where the parameter
 * doesn't matter the two are alike.
 */
import { type Distribution, isSingle, type NumericDistribution } from "./distributions.ts";
import { distributionJson } from "./journal/distribution-json.ts";
import { normalMass } from "../normal-distribution.ts";
import type { Study } from "./study.ts";
import type { TrialParameter, TrialRecord } from "./trial-record.ts";

const targetQuantile = 0.1;
const gridSize = 50;
/** Of the prior, against one trial. */
const priorWeight = 1;
const leastTrials = 2;
const leastDensity = 1e-12;

interface Trial {
  readonly parameters: TrialRecord["parameters"];
  readonly isBest: boolean;
}

/** The trials in which a parameter had the same distribution. */
interface Regime {
  readonly distribution: Distribution;
  readonly all: number[];
  readonly best: number[];
}

/**
 * The share of each parameter in what makes a trial one of the best tenth, the largest first; the sum is 1. Where nothing can
 * be told (fewer than two trials, or all equally good) all are alike.
 */
export function parameterImportances<Settings>(study: Study<Settings>): Readonly<Record<string, number>> {
  const trials = judged(study);
  const names = [...new Set(trials.flatMap(({ parameters }) => [...parameters.keys()]))];
  const importances = names.map((name) => ({ name, importance: importanceOf(name, trials) }));
  const sum = importances.reduce((total, { importance }) => total + importance, 0);
  return Object.fromEntries(
    importances
      .map(({ name, importance }) => [name, sum === 0 ? 1 / names.length : importance / sum] as const)
      .sort(([, a], [, b]) => b - a),
  );
}

/** The completed trials with a finite value, and which of them are the best tenth, with those that are as good. */
function judged<Settings>({ trials, direction }: Study<Settings>): readonly Trial[] {
  const sign = direction === "minimize" ? 1 : -1;
  const finite = trials.filter(({ value }) => value !== undefined && Number.isFinite(value));
  const losses = finite.map(({ value }) => sign * (value ?? 0));
  const cutoff = losses.toSorted((a, b) => a - b)[Math.ceil(targetQuantile * losses.length) - 1] ?? 0;
  return finite.map(({ parameters }, at) => ({ parameters, isBest: (losses[at] ?? 0) <= cutoff }));
}

/** Pearson's divergence of the best from all, times the square of their share; sums over the parameter's distributions. */
function importanceOf(name: string, trials: readonly Trial[]): number {
  const best = trials.filter(({ isBest }) => isBest).length;
  if (trials.length < 2 || best === 0) return 0;
  const regimes = new Map<string, Regime>();
  for (const { parameters, isBest } of trials) {
    const parameter = parameters.get(name);
    if (!parameter) continue;
    const regime = regimeOf(regimes, parameter);
    regime.all.push(parameter.internal);
    if (isBest) regime.best.push(parameter.internal);
  }
  let importance = 0;
  for (const regime of regimes.values()) {
    if (isSingle(regime.distribution) || regime.all.length < leastTrials || regime.best.length === 0)
      continue;
    const [target, region] = [regime.best.length / best, regime.all.length / trials.length];
    importance += (target ** 2 / region) * divergence(regime.distribution, regime.best, regime.all);
  }
  return importance * (best / trials.length) ** 2;
}

function regimeOf(regimes: Map<string, Regime>, { distribution }: TrialParameter): Regime {
  const key = distributionJson(distribution);
  const known = regimes.get(key);
  if (known) return known;
  const regime = { distribution, all: [], best: [] };
  regimes.set(key, regime);
  return regime;
}

function divergence(distribution: Distribution, best: readonly number[], all: readonly number[]): number {
  const top = densityOnGrid(distribution, best);
  const region = densityOnGrid(distribution, all);
  let sum = 0;
  for (const [at, density] of region.entries())
    sum += density * ((top[at] ?? leastDensity) / density - 1) ** 2;
  return sum;
}

/** The density of values at each place of the grid, or of each choice. */
function densityOnGrid(distribution: Distribution, values: readonly number[]): Float64Array {
  const counts =
    distribution.kind === "categorical"
      ? countChoices(distribution.choices.length, values)
      : countOnGrid(distribution, values);
  const observed = Array.from(counts.keys()).filter((place) => (counts[place] ?? 0) > 0);
  const weights = observed.map((place) => counts[place] ?? 0);
  const density =
    distribution.kind === "categorical"
      ? choiceDensity(counts.length, observed, weights)
      : gridDensity(counts.length, observed, weights);
  return density.map((each) => each + leastDensity);
}

function countChoices(choices: number, values: readonly number[]): Float64Array {
  const counts = new Float64Array(choices);
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** How many values are nearest to each place; halfway between two it is the lower. */
function countOnGrid(distribution: NumericDistribution, values: readonly number[]): Float64Array {
  const { low, high, log, kind, step } = distribution;
  let places = gridSize;
  if (kind === "int" && log) places = Math.min(Math.ceil(Math.log(high - low + 1) / Math.log(2)) + 1, places);
  else if (step !== undefined) places = Math.min(Math.round((high - low) / step) + 1, places);
  const scaled = (value: number): number => (log ? Math.log(value) : value);
  const width = (scaled(high) - scaled(low)) / (places - 1);
  const counts = new Float64Array(places);
  for (const value of values) {
    const nearest = Math.ceil((scaled(value) - scaled(low)) / width - 0.5);
    const place = Math.min(places - 1, Math.max(0, nearest));
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}

/** A mixture with a component for each observed choice, which prefers it, and the uniform prior. */
function choiceDensity(
  choices: number,
  observed: readonly number[],
  weights: readonly number[],
): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0) + priorWeight;
  const other = priorWeight / (observed.length + 1);
  const density = new Float64Array(choices).fill(priorWeight / choices / total);
  for (const [at, place] of observed.entries()) {
    const share = (weights[at] ?? 0) / total / (1 + choices * other);
    for (let choice = 0; choice < choices; choice++)
      density[choice] = (density[choice] ?? 0) + share * (choice === place ? 1 + other : other);
  }
  return density;
}

/** A mixture of normal distributions around the observed places, of a width by Scott's rule, and a wide prior. */
function gridDensity(places: number, observed: readonly number[], weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0) + priorWeight;
  const density = new Float64Array(places);
  const add = (mean: number, width: number, weight: number): void => {
    const mass = normalMass((-0.5 - mean) / width, (places - 0.5 - mean) / width);
    for (let place = 0; place < places; place++) {
      const here = normalMass((place - 0.5 - mean) / width, (place + 0.5 - mean) / width);
      density[place] = (density[place] ?? 0) + (weight / total) * (here / mass);
    }
  };
  const width = scottWidth(observed, weights);
  for (const [at, mean] of observed.entries()) add(mean, width, weights[at] ?? 0);
  add((places - 1) / 2, places, priorWeight);
  return density;
}

/** Scott, "Multivariate density estimation", 1992: of the standard deviation or the quartiles, whichever is narrower. */
function scottWidth(observed: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = observed.reduce((sum, place, at) => sum + place * (weights[at] ?? 0), 0) / total;
  const squares = observed.reduce((sum, place, at) => sum + (place - mean) ** 2 * (weights[at] ?? 0), 0);
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  const cumulated: number[] = [];
  for (const weight of weights) cumulated.push((cumulated.at(-1) ?? 0) + weight);
  const first = cumulated.findIndex((sum) => sum >= Math.floor(total / 4));
  const above = cumulated.findIndex((sum) => sum > Math.floor((total * 3) / 4));
  const third = above < 0 ? observed.length - 1 : above;
  const quartiles = (observed[third] ?? 0) - (observed[first] ?? 0);
  const width = 1.059 * Math.min(quartiles / 1.34, deviation) * total ** -0.2;
  // Nine tenths of a kernel then lie within its place.
  return Math.max(width, 0.5 / 1.64);
}

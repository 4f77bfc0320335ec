/** @file What a sampler is: it looks at the trials so far and says what to try next. */
import { randomInt } from "node:crypto";
import { Random } from "../../random.ts";
import { requireIndex } from "../../settings.ts";
import { isSingle, type Distribution } from "../distributions.ts";
import type { Json } from "../journal/extended-json.ts";
import type { NamedParameter, ParameterGroup, SearchSpace } from "../space.ts";
import type { Direction, TrialRecord } from "../trial-record.ts";

/** What a sampler looks at. */
export interface Sampled {
  readonly space: SearchSpace;
  readonly direction: Direction;
  /** The other trials, those that still run included, in order. */
  readonly trials: readonly TrialRecord[];
  /** The number of the trial that is to be. */
  readonly number: number;
  /** What was laid down for that trial, by name. */
  readonly fixed?: ReadonlyMap<string, number>;
}

/** What to try. */
export interface Suggestion {
  /** A number for each parameter that is there. */
  readonly values: ReadonlyMap<string, number>;
  /** What the sampler must find again at this trial. */
  readonly attributes?: Readonly<Record<string, Json>>;
}

/** How the next trial is chosen. Of the same trials and seed the same follows. */
export interface Sampler {
  readonly kind: string;
  suggest(sampled: Sampled): Suggestion;
  /** How many trials of a space it has suggestions for; any number where absent. */
  limit?(space: SearchSpace): number;
}

/** What every sampler may be given. */
export interface SeedOptions {
  /** A whole number; another one each time where absent. */
  readonly seed?: number;
}

/** The seed of the options, or one that nobody knows. */
export function seedOf({ seed }: SeedOptions): number {
  if (seed === undefined) return randomInt(2 ** 32);
  requireIndex("seed", seed);
  return seed;
}

/** The random numbers of one trial: they don't depend on how often others were asked for. */
export function trialRandom(seed: number, number: number): Random {
  return new Random(mixed(seed ^ mixed(number + 1)));
}

/**
 * Values of all parameters that are there: group by group, since those before decide which are.
 * @param sampleGroup the values of a group's parameters; what it leaves out is drawn at random
 */
export function sampleGroups(
  { space, fixed }: Sampled,
  random: Random,
  sampleGroup: (group: ParameterGroup, parameters: readonly NamedParameter[]) => ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const group of space.activeGroups(values)) {
    const open: NamedParameter[] = [];
    for (const parameter of group.parameters) {
      const { name, distribution } = parameter;
      const given = fixed?.get(name) ?? (isSingle(distribution) ? only(distribution) : undefined);
      if (given === undefined) open.push(parameter);
      else values.set(name, given);
    }
    if (open.length === 0) continue;
    const sampled = sampleGroup(group, open);
    for (const { name, distribution } of open)
      values.set(name, sampled.get(name) ?? randomValue(distribution, random));
  }
  return values;
}

/** A value of the distribution, all equally likely; on a log scale, all logarithms. */
export function randomValue(distribution: Distribution, random: Random): number {
  const { kind } = distribution;
  if (kind === "categorical") return Math.floor(random.uniform() * distribution.choices.length);
  const { low, high, log, step } = distribution;
  const half = kind === "int" ? 0.5 : 0;
  if (log) {
    const [from, to] = [Math.log(low - half), Math.log(high + half)];
    const value = Math.exp(from + random.uniform() * (to - from));
    return clamp(kind === "int" ? Math.round(value) : value, low, high);
  }
  if (step === undefined) return clamp(low + random.uniform() * (high - low), low, high);
  return nearestStep(distribution, low + random.uniform() * (high - low + step) - step / 2);
}

/** The value of a distribution with steps that is nearest to a number. */
export function nearestStep(
  { low, high, step = 1 }: { readonly low: number; readonly high: number; readonly step?: number },
  value: number,
): number {
  const steps = Math.round((value - low) / step);
  const number = low + steps * step;
  // Without the error of the product: 0.30000000000000004 is no value that anybody would look for.
  return clamp(Number.isInteger(number) ? number : Number(number.toPrecision(15)), low, high);
}

/** A number, or the limit that it is beyond. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function only(distribution: Distribution): number {
  return distribution.kind === "categorical" ? 0 : distribution.low;
}

/** The finalizer of MurmurHash3 (Appleby): each bit of the result depends on each bit of the number. */
function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

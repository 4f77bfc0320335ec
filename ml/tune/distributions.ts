/**
 * @file What one parameter of a search may be. Values have two forms, as in Optuna: what the objective gets, and the
 * number that samplers compute with and journals hold (of a category, its place among the choices).
 */
import { InvalidInputError } from "../errors.ts";

/** What a category may be. */
export type Choice = string | number | boolean | null;

/** Numbers from `low` to `high`, both included. */
export interface FloatDistribution {
  readonly kind: "float";
  readonly low: number;
  readonly high: number;
  /** Whether logarithms are spread evenly, and not the numbers. */
  readonly log: boolean;
  /** The distance between the numbers that may be taken; any number where absent. */
  readonly step?: number;
}

/** Whole numbers from `low` to `high`, both included. */
export interface IntDistribution {
  readonly kind: "int";
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly step: number;
}

/** One of some values. */
export interface CategoricalDistribution<C extends Choice = Choice> {
  readonly kind: "categorical";
  readonly choices: readonly C[];
}

/** A distribution with an order. */
export type NumericDistribution = FloatDistribution | IntDistribution;

/** What one parameter may be. */
export type Distribution = NumericDistribution | CategoricalDistribution;

/** How numbers are spread. */
export interface FloatOptions {
  /** Spreads the logarithms evenly; `low` must be above 0, and there can be no `step`. False where absent. */
  readonly log?: boolean;
  /** Only `low`, `low + step`, `low + 2 * step`, …. */
  readonly step?: number;
}

/** How whole numbers are spread. */
export interface IntOptions {
  /** Spreads the logarithms evenly; `low` must be above 0, and the `step` 1. False where absent. */
  readonly log?: boolean;
  /** Only `low`, `low + step`, …; 1 where absent. */
  readonly step?: number;
}

/**
 * A parameter that is a number from `low` to `high`.
 * @example float(1e-4, 1e-1, { log: true })
 * @throws {@link InvalidInputError} for limits or a step that leave nothing to choose
 */
export function float(
  low: number,
  high: number,
  { log = false, step }: FloatOptions = {},
): FloatDistribution {
  checkLimits("float", low, high);
  if (log && low <= 0)
    throw new InvalidInputError(`float(${low}, ${high}): a log scale needs numbers above 0`);
  if (step === undefined) return { kind: "float", low, high, log };
  if (log) throw new InvalidInputError(`float(${low}, ${high}): a log scale has no step`);
  if (!Number.isFinite(step) || step <= 0)
    throw new InvalidInputError(`float(${low}, ${high}): the step must be a number above 0, not ${step}`);
  return { kind: "float", low, high: lastStep(low, high, step), log, step };
}

/**
 * A parameter that is a whole number from `low` to `high`.
 * @example int(2, 10)
 * @throws {@link InvalidInputError} for limits or a step that leave nothing to choose
 */
export function int(low: number, high: number, { log = false, step = 1 }: IntOptions = {}): IntDistribution {
  checkLimits("int", low, high);
  if (![low, high, step].every(Number.isSafeInteger) || step < 1)
    throw new InvalidInputError(
      `int(${low}, ${high}): limits and step must be whole numbers, the step above 0`,
    );
  if (log && (low < 1 || step !== 1))
    throw new InvalidInputError(`int(${low}, ${high}): a log scale needs numbers from 1 up and a step of 1`);
  return { kind: "int", low, high: low + Math.floor((high - low) / step) * step, log, step };
}

/**
 * A parameter that is one of some values.
 * @example categorical(["gini", "entropy"])
 * @throws {@link InvalidInputError} for no choices, or one that stands there twice or is not finite
 */
export function categorical<const C extends readonly [Choice, ...Choice[]]>(
  choices: C,
): CategoricalDistribution<C[number]> {
  const distinct = new Set<Choice>(choices);
  if (distinct.size === 0) throw new InvalidInputError("categorical([]) has no choices");
  if (distinct.size < choices.length) throw new InvalidInputError("categorical(…) has a choice twice");
  for (const choice of choices)
    if (typeof choice === "number" && !Number.isFinite(choice))
      throw new InvalidInputError(`categorical(…): ${choice} is no finite number`);
  return { kind: "categorical", choices };
}

/** Whether there is only one value to take. */
export function isSingle(distribution: Distribution): boolean {
  return distribution.kind === "categorical"
    ? distribution.choices.length === 1
    : distribution.low === distribution.high;
}

/** What the objective gets for a sampler's number. */
export function externalValue(distribution: Distribution, internal: number): Choice {
  if (distribution.kind !== "categorical") return internal;
  const choice = distribution.choices[internal];
  if (choice === undefined) throw new InvalidInputError(`there is no choice ${internal}`);
  return choice;
}

/**
 * The sampler's number of a value.
 * @throws {@link InvalidInputError} where it is none of the distribution's
 */
export function internalValue(distribution: Distribution, value: unknown): number {
  const internal =
    distribution.kind === "categorical"
      ? distribution.choices.findIndex((choice) => choice === value)
      : typeof value === "number"
        ? value
        : Number.NaN;
  if (!contains(distribution, internal))
    throw new InvalidInputError(`${JSON.stringify(value)} is no value of ${describe(distribution)}`);
  return internal;
}

/** Whether a sampler's number is one of the distribution's. */
export function contains(distribution: Distribution, internal: number): boolean {
  if (distribution.kind === "categorical")
    return Number.isInteger(internal) && internal >= 0 && internal < distribution.choices.length;
  const { low, high, kind, step } = distribution;
  if (!(internal >= low && internal <= high)) return false;
  if (kind === "int") return (internal - low) % step === 0;
  if (step === undefined) return true;
  const steps = (internal - low) / step;
  return Math.abs(steps - Math.round(steps)) < 1e-8;
}

/**
 * Whether values of one may be used where the other stands: the same kind and scale, the same choices. The limits may
 * differ, as in Optuna.
 */
export function isCompatible(a: Distribution, b: Distribution): boolean {
  if (a.kind === "categorical" || b.kind === "categorical")
    return (
      a.kind === b.kind &&
      "choices" in a &&
      "choices" in b &&
      a.choices.length === b.choices.length &&
      a.choices.every((choice, index) => choice === b.choices[index])
    );
  return a.kind === b.kind && a.log === b.log;
}

/** The distribution as one would write it. */
export function describe(distribution: Distribution): string {
  if (distribution.kind === "categorical") return `categorical(${JSON.stringify(distribution.choices)})`;
  const { kind, low, high, log, step } = distribution;
  const options = [...(log ? ["log"] : []), ...(step === undefined || step === 1 ? [] : [`step ${step}`])];
  return `${kind}(${[low, high, ...options].join(", ")})`;
}

function checkLimits(kind: string, low: number, high: number): void {
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high)
    throw new InvalidInputError(
      `${kind}(${low}, ${high}): the limits must be finite, the first not above the second`,
    );
}

/** The last of the steps that is not above `high`; without the error of their addition. */
function lastStep(low: number, high: number, step: number): number {
  const steps = Math.floor((high - low) / step + 1e-8);
  return Math.min(high, Number((low + steps * step).toPrecision(15)));
}

/**
 * @file Learning-rate schedules as plain data, and what they give for a step.
 *
 * Steps count from 0, the first one that is taken; beyond a schedule's last step its last rate holds. Each equals the
 * scheduler of `torch.optim.lr_scheduler` that it names.
 */
import { InvalidInputError } from "../../errors.ts";
import {
  requireCount,
  requireIndex,
  requireNotNegative,
  requirePositive,
  unknownKind,
} from "../../settings.ts";

/** A linear rise to the full rate over `steps` steps, from `startFactor` times it (1/3 where absent): `LinearLR`. */
export interface WarmUp {
  readonly steps: number;
  readonly startFactor?: number;
}

/** The same rate always. */
export interface ConstantSchedule {
  readonly kind: "constant";
  readonly rate: number;
}

/** A warm-up, then the same rate. */
export interface WarmUpSchedule extends WarmUp {
  readonly kind: "warmUp";
  readonly rate: number;
}

/** The rate times `gamma` (0.1 where absent) after every `stepSize` steps: `StepLR`. */
export interface StepDecaySchedule {
  readonly kind: "stepDecay";
  readonly rate: number;
  readonly stepSize: number;
  readonly gamma?: number;
}

/** The rate times `gamma` after every step: `ExponentialLR`. */
export interface ExponentialSchedule {
  readonly kind: "exponential";
  readonly rate: number;
  readonly gamma: number;
}

/**
 * Half a cosine from `rate` to `minimumRate` (0 where absent) over `steps` steps, after a warm-up if there is one:
 * `CosineAnnealingLR` (Loshchilov and Hutter, "SGDR", 2017, equation 5), behind `LinearLR` in a `SequentialLR`.
 */
export interface CosineSchedule {
  readonly kind: "cosine";
  readonly rate: number;
  readonly steps: number;
  readonly minimumRate?: number;
  readonly warmUp?: WarmUp;
}

/**
 * From `maximumRate / divFactor` up to `maximumRate` in the first `pctStart` of the steps, then down to the first rate over
 * `finalDivFactor`, by half cosines: `OneCycleLR` with its defaults 0.3, 25 and 10,000 (Smith and Topin,
 * "Super-Convergence", 2018). It counts `steps` steps in all.
 */
export interface OneCycleSchedule {
  readonly kind: "oneCycle";
  readonly maximumRate: number;
  readonly steps: number;
  readonly pctStart?: number;
  readonly divFactor?: number;
  readonly finalDivFactor?: number;
}

/** `rate` · (1 − step / `steps`) to the power of `power` (1 where absent): `PolynomialLR`. */
export interface PolynomialSchedule {
  readonly kind: "polynomial";
  readonly rate: number;
  readonly steps: number;
  readonly power?: number;
}

/** A learning rate for each step, as plain data that goes into a file as it is. */
export type LearningRateSchedule =
  | ConstantSchedule
  | WarmUpSchedule
  | StepDecaySchedule
  | ExponentialSchedule
  | CosineSchedule
  | OneCycleSchedule
  | PolynomialSchedule;

/**
 * The learning rate of a step, counted from 0.
 * @throws {@link InvalidInputError} for a step or a setting out of its range
 */
export function learningRateAt(schedule: LearningRateSchedule, step: number): number {
  requireIndex("step", step);
  if (schedule.kind === "oneCycle") return oneCycleRate(schedule, step);
  requireNotNegative("rate", schedule.rate);
  switch (schedule.kind) {
    case "constant":
      return schedule.rate;
    case "warmUp":
      return schedule.rate * warmUpFactor(schedule, step);
    case "stepDecay": {
      const { rate, stepSize, gamma = 0.1 } = schedule;
      requireCount("stepSize", stepSize);
      requirePositive("gamma", gamma);
      return rate * gamma ** Math.floor(step / stepSize);
    }
    case "exponential":
      requirePositive("gamma", schedule.gamma);
      return schedule.rate * schedule.gamma ** step;
    case "cosine":
      return cosineRate(schedule, step);
    case "polynomial": {
      const { rate, steps, power = 1 } = schedule;
      requireCount("steps", steps);
      requirePositive("power", power);
      return rate * (1 - Math.min(step, steps) / steps) ** power;
    }
    default:
      throw unknownKind("schedule", schedule);
  }
}

function warmUpFactor({ steps, startFactor = 1 / 3 }: WarmUp, step: number): number {
  requireCount("the warm-up's steps", steps);
  requireFraction("startFactor", startFactor);
  return startFactor + (1 - startFactor) * (Math.min(step, steps) / steps);
}

function cosineRate({ rate, steps, minimumRate = 0, warmUp }: CosineSchedule, step: number): number {
  requireCount("steps", steps);
  requireNotNegative("minimumRate", minimumRate);
  const factor = warmUp ? warmUpFactor(warmUp, step) : 1;
  const from = warmUp?.steps ?? 0;
  if (step < from) return rate * factor;
  const done = Math.min(step - from, steps) / steps;
  return halfCosine(rate, minimumRate, done);
}

function oneCycleRate(schedule: OneCycleSchedule, step: number): number {
  const { maximumRate, steps, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 } = schedule;
  requireNotNegative("maximumRate", maximumRate);
  requireCount("steps", steps);
  requireFraction("pctStart", pctStart);
  requirePositive("divFactor", divFactor);
  requirePositive("finalDivFactor", finalDivFactor);
  const first = maximumRate / divFactor;
  const last = first / finalDivFactor;
  // In steps; between two of them in general, and before the first where the rise takes less than one.
  const peak = pctStart * steps - 1;
  const end = steps - 1;
  const at = Math.min(step, end);
  if (at <= peak) return halfCosine(first, maximumRate, peak === 0 ? 1 : at / peak);
  return halfCosine(maximumRate, last, (at - peak) / (end - peak));
}

/** From one value to another along half a cosine; `done` goes from 0 to 1. */
function halfCosine(from: number, to: number, done: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * done))) / 2;
}

function requireFraction(name: string, value: number): void {
  if (!(value >= 0 && value <= 1))
    throw new InvalidInputError(`${name} must be a number from 0 to 1, not ${value}`);
}

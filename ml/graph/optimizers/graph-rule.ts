/**
 * @file Optimizers as values of a program, for parameters that stay on a device. The formulas and their sources stand with
 * the optimizers; what changes from step to step is fed as scalars, so that one program serves all steps.
 */
import {
  add,
  and,
  divide,
  greater,
  maximum,
  multiply,
  sign,
  sqrt,
  square,
  subtract,
  where,
  type Operand,
} from "../ops/elementwise.ts";
import { sum } from "../ops/reduce.ts";
import type { Value } from "../value.ts";
import type { AdamSettings } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";

/** A parameter as a step finds it. */
export interface Moving {
  readonly parameter: Value;
  readonly gradient: Value;
  /** What the optimizer keeps of it, in the order of its slots. */
  readonly slots: readonly Value[];
  readonly decays: boolean;
  /** The step's numbers, in the order of {@link GraphRule.numbers}. */
  readonly numbers: readonly Value[];
}

/** A parameter, and what the optimizer keeps of it, as a step leaves them. */
export interface Moved {
  readonly parameter: Value;
  readonly slots: readonly Value[];
}

/** How an optimizer moves a parameter. */
export interface GraphRule {
  /** The numbers that a step is fed with; steps count from 1. */
  readonly numbers: (step: number, learningRate: number) => readonly number[];
  readonly move: (moving: Moving) => Moved;
}

/** An optimizer as values. Its slots are those of its `updateRule`. */
export function graphRule(optimizer: Optimizer): GraphRule {
  switch (optimizer.kind) {
    case "sgd": {
      const { momentum, dampening, nesterov, weightDecay } = optimizer;
      return {
        numbers: (step, rate) => [rate, step === 1 ? 1 : 1 - dampening],
        move: ({ parameter, gradient, slots, decays, numbers }) => {
          const [rate, fresh] = pair(numbers);
          const slope = decayed(gradient, parameter, decays ? weightDecay : 0);
          const [velocity] = slots;
          if (!velocity) return { parameter: against(parameter, rate, slope), slots: [] };
          const next = add(multiply(velocity, momentum), multiply(slope, fresh));
          const direction = nesterov ? add(slope, multiply(next, momentum)) : next;
          return { parameter: against(parameter, rate, direction), slots: [next] };
        },
      };
    }
    case "adam":
    case "adamW": {
      const { kind, weightDecay } = optimizer;
      return {
        numbers: (step, rate) => [...adamNumbers(optimizer, step, rate), 1 - rate * weightDecay],
        move: (moving) => {
          const decay = moving.decays ? weightDecay : 0;
          const [, , keep] = moving.numbers;
          if (kind === "adam")
            return moveByAdam(
              { ...moving, gradient: decayed(moving.gradient, moving.parameter, decay) },
              optimizer,
            );
          const kept = decay === 0 || !keep ? moving.parameter : multiply(moving.parameter, keep);
          return moveByAdam({ ...moving, parameter: kept }, optimizer);
        },
      };
    }
    case "lamb":
      return {
        numbers: (step, rate) => [
          ...adamNumbers(optimizer, step, rate),
          rate,
          1 / (1 - optimizer.betas[0] ** step),
        ],
        move: (moving) =>
          moving.decays
            ? moveByLamb(moving, optimizer, optimizer.weightDecay)
            : moveByAdam(moving, optimizer),
      };
    case "rmsProp": {
      const { alpha, eps, momentum, centered, weightDecay } = optimizer;
      return {
        numbers: (_, rate) => [rate],
        move: ({ parameter, gradient, slots, decays, numbers }) => {
          const [rate = 0] = numbers;
          const slope = decayed(gradient, parameter, decays ? weightDecay : 0);
          const nextSquare = mixed(slots[0], alpha, square(slope));
          const nextMean = centered ? mixed(slots[1], alpha, slope) : undefined;
          // Where rounding would make the variance negative, it is zero.
          const spread = nextMean ? maximum(subtract(nextSquare, square(nextMean)), 0) : nextSquare;
          const quotient = divide(slope, add(sqrt(spread), eps));
          const velocity = momentum > 0 ? slots.at(-1) : undefined;
          const direction = velocity ? add(multiply(velocity, momentum), quotient) : quotient;
          return {
            parameter: against(parameter, rate, direction),
            slots: [nextSquare, ...(nextMean ? [nextMean] : []), ...(velocity ? [direction] : [])],
          };
        },
      };
    }
    case "adagrad": {
      const { lrDecay, eps, weightDecay } = optimizer;
      return {
        numbers: (step, rate) => [rate / (1 + (step - 1) * lrDecay)],
        move: ({ parameter, gradient, slots, decays, numbers }) => {
          const slope = decayed(gradient, parameter, decays ? weightDecay : 0);
          const squares = add(slots[0] ?? 0, square(slope));
          const direction = divide(slope, add(sqrt(squares), eps));
          return { parameter: against(parameter, numbers[0] ?? 0, direction), slots: [squares] };
        },
      };
    }
    case "lion": {
      const { betas, weightDecay } = optimizer;
      return {
        numbers: (_, rate) => [rate, 1 - rate * weightDecay],
        move: ({ parameter, gradient, slots, decays, numbers }) => {
          const [rate, keep] = pair(numbers);
          const kept = decays && weightDecay > 0 ? multiply(parameter, keep) : parameter;
          return {
            parameter: against(kept, rate, sign(mixed(slots[0], betas[0], gradient))),
            slots: [mixed(slots[0], betas[1], gradient)],
          };
        },
      };
    }
  }
}

const pair = ([first = 0, second = 0]: readonly Operand[]): readonly [Operand, Operand] => [first, second];

const against = (parameter: Value, rate: Operand, direction: Value): Value =>
  subtract(parameter, multiply(direction, rate));

const decayed = (gradient: Value, parameter: Value, decay: number): Value =>
  decay === 0 ? gradient : add(gradient, multiply(parameter, decay));

/** A running mean that keeps so much of itself. */
const mixed = (mean: Value | undefined, keep: number, fresh: Value): Value =>
  add(multiply(mean ?? 0, keep), multiply(fresh, 1 - keep));

const adamNumbers = (
  { betas: [beta1, beta2] }: AdamSettings,
  step: number,
  rate: number,
): readonly [number, number] => [rate / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)];

function adamMeans(
  { gradient, slots, numbers }: Moving,
  { betas, eps }: AdamSettings,
): {
  readonly mean: Value;
  readonly squares: Value;
  readonly divisor: Value;
} {
  const mean = mixed(slots[0], betas[0], gradient);
  const squares = mixed(slots[1], betas[1], square(gradient));
  return { mean, squares, divisor: add(multiply(sqrt(squares), numbers[1] ?? 1), eps) };
}

function moveByAdam(moving: Moving, settings: AdamSettings): Moved {
  const { mean, squares, divisor } = adamMeans(moving, settings);
  const [rate = 0] = moving.numbers;
  return { parameter: against(moving.parameter, rate, divide(mean, divisor)), slots: [mean, squares] };
}

function moveByLamb(moving: Moving, settings: AdamSettings, weightDecay: number): Moved {
  const { mean, squares, divisor } = adamMeans(moving, settings);
  const [, , rate = 0, meanScale = 1] = moving.numbers;
  const { parameter } = moving;
  const direction = decayed(divide(multiply(mean, meanScale), divisor), parameter, weightDecay);
  const [size, length] = [sqrt(sum(square(parameter))), sqrt(sum(square(direction)))];
  const ratio = where(and(greater(size, 0), greater(length, 0)), divide(size, length), 1);
  return { parameter: against(parameter, multiply(ratio, rate), direction), slots: [mean, squares] };
}

/**
 * @file The factor by which a loss is multiplied so that its gradients don't vanish in float16: it is halved when a gradient
 * overflows, and doubled after 2,000 steps in which none did (Micikevicius et al., "Mixed Precision Training", 2018,
 * section 3.2).
 */
import { add, equal, multiply, where } from "./ops/elementwise.ts";
import { scalar, type Value } from "./value.ts";

/** The factor to begin with; too large a one is halved until the gradients are finite. */
export const firstScale = 2 ** 16;

const stepsToDouble = 2000;
/** The largest power of two that float32 holds. */
const largestScale = 2 ** 127;

/** The names under which a training carries the factor from step to step, and the steps since it changed. */
export const scaleNames = { factor: "scale of the loss", steps: "steps since the scale changed" } as const;

/** A factor, and since how many steps it is that. */
export interface Scale<V> {
  readonly factor: V;
  readonly steps: V;
}

/** The scale after a step. */
export function nextScale({ factor, steps }: Scale<number>, isFinite: boolean): Scale<number> {
  if (!isFinite) return { factor: factor / 2, steps: 0 };
  if (steps < stepsToDouble - 1) return { factor, steps: steps + 1 };
  return { factor: factor < largestScale ? factor * 2 : factor, steps: 0 };
}

/** {@link nextScale} as values of a program. */
export function nextScaleOf({ factor, steps }: Scale<Value>, isFinite: Value): Scale<Value> {
  const isDue = equal(steps, stepsToDouble - 1);
  const isLargest = equal(factor, largestScale);
  const grown = where(isDue, where(isLargest, factor, multiply(factor, 2)), factor);
  const counted = where(isDue, scalar("float32", 0), add(steps, 1));
  return {
    factor: where(isFinite, grown, multiply(factor, 0.5)),
    steps: where(isFinite, counted, scalar("float32", 0)),
  };
}

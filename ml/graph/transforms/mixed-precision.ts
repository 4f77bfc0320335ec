/** @file Training in half precision with weights in float32, and the scaling of its losses. */
import type { FloatDType } from "../dtype.ts";
import { firstScale, nextScaleOf } from "../loss-scaling.ts";
import { and, equal, multiply, where } from "../ops/elementwise.ts";
import { sum } from "../ops/reduce.ts";
import { provider } from "../shared-runtime.ts";
import { Tensor } from "../tensor.ts";
import { mapTree, tensors, type Tree } from "../trees.ts";
import { scalar, withGradient, type Value } from "../value.ts";
import { valueAndGrad } from "./grad.ts";
import { HalfPrecision, type HalfDType } from "./half-precision.ts";

let isWarned = false;

/**
 * The same function, its products of matrices and convolutions computed in half precision: it takes and gives float32,
 * so that weights and their gradients stay in float32. For GPUs: on the CPU float16 gains nothing, since it is computed
 * in float32 (a warning says so), and bfloat16 can't be computed.
 *
 * @example valueAndGrad(mixedPrecision(loss, "bfloat16"))(weights, batch)
 */
export function mixedPrecision<Arguments extends readonly Tree[], Result extends Tree>(
  compute: (...inputs: Arguments) => Result,
  dtype: HalfDType = "float16",
): (...inputs: Arguments) => Result {
  return (...inputs) => {
    warnOnCpu();
    const places: (readonly [Value, Value])[] = [];
    const place = (value: Value): Tensor => {
      const inner = withGradient(value, [value], (gradient) => [gradient]);
      places.push([inner, value]);
      return new Tensor(inner);
    };
    const result = compute(...mapTree(inputs, ({ value }) => place(value)));
    const found = new HalfPrecision(places, dtype).rewriteWide(tensors(result).map(({ value }) => value));
    let next = 0;
    return mapTree(result, ({ value }) => new Tensor(found[next++] ?? value));
  };
}

/** Says once that half precision gains nothing, where the CPU computes. */
export function warnOnCpu(): void {
  if (isWarned) return;
  isWarned = true;
  provider()
    .then((found) => {
      if (found === "cpu")
        process.emitWarning("mixed precision gains nothing on the CPU, which computes halves in float32");
    })
    // A runtime that can't be had is said by the run that needs it.
    .catch(() => {});
}

/** The factor by which a loss is multiplied so that its gradients don't vanish in float16, and since how many steps. */
export type LossScale = {
  readonly factor: Tensor<readonly [], "float32">;
  readonly steps: Tensor<readonly [], "float32">;
};

/** A loss scale to begin with. Too large a factor is halved until the gradients are finite. */
export function lossScale(factor = firstScale): LossScale {
  return { factor: new Tensor(scalar("float32", factor)), steps: new Tensor(scalar("float32", 0)) };
}

/** What a step with a scaled loss gives. */
export interface ScaledValueAndGradient<Result, Gradient> {
  readonly value: Result;
  /** Not scaled any more; to be left out where it isn't finite, see {@link choose}. */
  readonly gradient: Gradient;
  readonly isFinite: Tensor<readonly [], "bool">;
  /** For the next step. */
  readonly scale: LossScale;
}

/**
 * As `valueAndGrad`, with the loss multiplied by a factor while gradients are computed. The factor adapts itself
 * (`ml/graph/loss-scaling.ts`): it is halved when a gradient overflows, and doubled after 2,000 steps in which none did.
 */
export function scaledValueAndGrad<
  First extends Tree,
  Rest extends readonly unknown[],
  Result extends Tensor<readonly [], FloatDType>,
>(
  of: (first: First, ...rest: Rest) => Result,
): (scale: LossScale, first: First, ...rest: Rest) => ScaledValueAndGradient<Result, First> {
  return (scale, first, ...rest) => {
    let value: Result | undefined;
    const scaled = (...inputs: [First, ...Rest]): Tensor<readonly []> => {
      value = of(...inputs);
      return new Tensor(multiply(value.value, scale.factor.value));
    };
    const { gradient: raw } = valueAndGrad(scaled)(first, ...rest);
    const factor = scale.factor.value;
    const gradient = mapTree(raw, (each) => each.div(new Tensor(factor)));
    const finite = tensors(raw)
      // Infinity times 0, and what is no number, are no number.
      .map((each) => equal(sum(multiply(each.value, 0)), 0))
      .reduce((all, each) => and(all, each));
    const next = nextScaleOf({ factor, steps: scale.steps.value }, finite);
    return {
      // SAFETY: the function was called by valueAndGrad.
      value: value as Result,
      gradient,
      isFinite: new Tensor(finite),
      scale: { factor: new Tensor(next.factor), steps: new Tensor(next.steps) },
    };
  };
}

/** The tensors of one tree where a condition holds, else those of another of the same form. */
export function choose<T extends Tree>(condition: Tensor<readonly [], "bool">, holds: T, otherwise: T): T {
  const others = tensors(otherwise);
  let next = 0;
  return mapTree(
    holds,
    (each) => new Tensor(where(condition.value, each.value, others[next++]?.value ?? each.value)),
  );
}

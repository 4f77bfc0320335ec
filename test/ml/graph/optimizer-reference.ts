/** @file The reference values of optimizers, and the numbers that they start from (`test/reference/optimizers.py`). */
import * as v from "valibot";
import {
  adagrad,
  adam,
  adamW,
  lamb,
  lion,
  OptimizerState,
  rmsProp,
  sgd,
  type Optimizer,
} from "../../../ml/graph/optimizers/index.ts";
import { readReference } from "../reference.ts";

const number = v.exactOptional(v.number());
const betas = v.exactOptional(v.tuple([v.number(), v.number()]));
const flag = v.exactOptional(v.boolean());
const moments = v.strictObject({ betas, eps: number, weightDecay: number });
const results = {
  learningRate: v.number(),
  clipping: v.union([
    v.strictObject({ maxNorm: v.number() }),
    v.strictObject({ maxValue: v.number() }),
    v.pipe(
      v.strictObject({}),
      v.transform(() => undefined),
    ),
  ]),
  initialScale: v.number(),
  gradientNorms: v.array(v.number()),
  parameters: v.array(v.array(v.number())),
};
const caseSchema = v.variant("kind", [
  v.object({
    kind: v.literal("sgd"),
    options: v.strictObject({ momentum: number, dampening: number, nesterov: flag, weightDecay: number }),
    ...results,
  }),
  v.object({ kind: v.picklist(["adam", "adamW", "lamb"]), options: moments, ...results }),
  v.object({
    kind: v.literal("rmsProp"),
    options: v.strictObject({
      alpha: number,
      eps: number,
      momentum: number,
      centered: flag,
      weightDecay: number,
    }),
    ...results,
  }),
  v.object({
    kind: v.literal("adagrad"),
    options: v.strictObject({
      lrDecay: number,
      initialAccumulatorValue: number,
      eps: number,
      weightDecay: number,
    }),
    ...results,
  }),
  v.object({ kind: v.literal("lion"), options: v.strictObject({ betas, weightDecay: number }), ...results }),
]);

/** Twenty steps of one optimizer. */
export type OptimizerCase = v.InferOutput<typeof caseSchema>;

/** All cases. */
export const { cases, shapes, decay } = readReference(
  "optimizers",
  v.object({
    shapes: v.array(v.array(v.number())),
    decay: v.array(v.boolean()),
    cases: v.array(caseSchema),
  }),
);

/** The optimizer of a case. */
export function makeOptimizer(expected: OptimizerCase): Optimizer {
  switch (expected.kind) {
    case "sgd":
      return sgd(expected.options);
    case "adam":
      return adam(expected.options);
    case "adamW":
      return adamW(expected.options);
    case "lamb":
      return lamb(expected.options);
    case "rmsProp":
      return rmsProp(expected.options);
    case "adagrad":
      return adagrad(expected.options);
    case "lion":
      return lion(expected.options);
  }
}

/** A state with the reference's parameters, times a factor, and no gradients yet. */
export function makeState(optimizer: Optimizer, scale = 1): OptimizerState {
  const specs = shapes.map((shape, at) => ({ name: `p${at}`, shape, decay: decay[at] ?? true }));
  const state = new OptimizerState(specs, optimizer);
  fill(state.parameters, 0, scale);
  return state;
}

/** Writes the gradients of a step, counted from 1. */
export function writeGradients(state: OptimizerState, step: number): void {
  const count = state.gradients.reduce((sum, { length }) => sum + length, 0);
  fill(state.gradients, step * count, 1);
}

/** Numbers from -1 up to 1 by multiplicative hashing (Knuth, volume 3, 6.4), which float32 holds exactly. */
function fill(arrays: readonly Float32Array[], first: number, scale: number): void {
  let next = first;
  for (const array of arrays) {
    for (let index = 0; index < array.length; index++, next++)
      array[index] = ((Math.imul(next, 2_654_435_761) >>> 8) / 2 ** 23 - 1) * scale;
  }
}

/** @file The optimizer's step as a program: parameters, what is kept of them and gradients in, the next ones out. */
import "../operators/index.ts";
import { lower } from "../lower.ts";
import type { OnnxModel } from "../onnx/model.ts";
import { add, divide, maximum, minimum, multiply, sqrt, square } from "../ops/elementwise.ts";
import { sum } from "../ops/reduce.ts";
import { concat, reshape } from "../ops/shape-ops.ts";
import { graphRule } from "../optimizers/graph-rule.ts";
import type { GradientClipping } from "../optimizers/optimizer-state.ts";
import { savedName } from "../optimizers/saved-state.ts";
import { input, type Value } from "../value.ts";
import { gradientOutput, nextOutput, type TrainingPlan } from "./training-protocol.ts";

/** The output that holds the sum of squares of each parameter's gradient, before clipping: float32. */
export const squaresOutput = "sums of squares";

/** The name of the input that holds one of a step's numbers. */
export const numberInput = (index: number): string => `number ${index}`;

/** Writes the step of a plan's optimizer. Inputs have the names of a saved state's arrays, and gradients their own. */
export function updateProgram(
  { parameters, optimizer, clipping }: TrainingPlan,
  kinds: readonly string[],
): OnnxModel {
  const rule = graphRule(optimizer);
  const numbers = rule.numbers(1, 0).map((_, index) => input(numberInput(index), "float32", []));
  const states = kinds.map((kind) =>
    parameters.map(({ name, shape }) => input(savedName(kind, name), "float32", shape)),
  );
  const gradients = parameters.map(({ name, shape }) => input(gradientOutput(name), "float32", shape));
  const squares = concat(
    gradients.map((gradient) => reshape(sum(square(gradient)), [1])),
    0,
  );
  const clip = clipped(clipping, squares);
  const outputs: Record<string, Value> = { [squaresOutput]: squares };
  for (const [index, { name, decay }] of parameters.entries()) {
    const [parameter, ...slots] = states.flatMap((each) => each[index] ?? []);
    const gradient = gradients[index];
    if (!parameter || !gradient) continue;
    const next = rule.move({ parameter, gradient: clip(gradient), slots, decays: decay, numbers });
    for (const [at, value] of [next.parameter, ...next.slots].entries())
      outputs[nextOutput(savedName(kinds[at] ?? "", name))] = value;
  }
  return lower([...numbers, ...states.flat(), ...gradients], outputs).model;
}

function clipped(clipping: GradientClipping | undefined, squares: Value): (gradient: Value) => Value {
  if (!clipping) return (gradient) => gradient;
  if ("maxValue" in clipping)
    return (gradient) => minimum(maximum(gradient, -clipping.maxValue), clipping.maxValue);
  const factor = minimum(divide(clipping.maxNorm, add(sqrt(sum(squares)), 1e-6)), 1);
  return (gradient) => multiply(gradient, factor);
}

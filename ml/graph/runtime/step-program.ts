/**
 * @file A step of training as one program that takes nothing from the host: parameters are unpacked, the batch and the
 * optimizer's numbers are picked by a counter, losses and gradients computed, and parameters moved; what a step reports goes
 * into a log that is read after many.
 *
 * Once anything is not finite, nothing moves any more: `fine` is 1 before that, and 0 from then on. Where the loss is scaled
 * (`ml/graph/loss-scaling.ts`) and its factor above 1, gradients that are not finite only leave out the step.
 */
import "../operators/index.ts";
import type { DType } from "../dtype.ts";
import { nextScaleOf, scaleNames } from "../loss-scaling.ts";
import { lower } from "../lower.ts";
import type { OnnxModel } from "../onnx/model.ts";
import {
  abs,
  add,
  divide,
  equal,
  greater,
  lessOrEqual,
  maximum,
  minimum,
  multiply,
  sqrt,
  square,
  subtract,
  where,
} from "../ops/elementwise.ts";
import { gather } from "../ops/gather.ts";
import { sum } from "../ops/reduce.ts";
import { concat, reshape, slice } from "../ops/shape-ops.ts";
import { graphRule } from "../optimizers/graph-rule.ts";
import type { GradientClipping } from "../optimizers/optimizer-state.ts";
import { input, type Value } from "../value.ts";
import { joinModels } from "./join-models.ts";
import type { PackedParameter, ParameterPack } from "./packed-parameters.ts";
import {
  gradientOutput,
  lossOutput,
  metricOutput,
  nextOutput,
  type TrainingPlan,
} from "./training-protocol.ts";

/** The steps that the numbers, batches and log of one run of the program are for. */
const steps = "steps";

/** Inputs that the host feeds once for many steps. */
export const chunkInputs = {
  /** What the optimizer is fed with: float32 `[steps, numbers]`. */
  numbers: "numbers of steps",
  /** `0, 1, …`: int32 `[steps, 1]`. */
  places: "places of steps",
} as const;

/** Values that a step takes and gives on as `next NAME`. */
export const carried = {
  /** How many steps came before: int32 `[1]`. */
  step: "step so far",
  /** Whether all of them were finite: float32 `[1]`. */
  fine: "all finite so far",
  /**
   * How many of these steps were left out, where the loss is scaled: int32 `[1]`. The optimizer counts only those that
   * move, so the next that does takes the numbers of the first that did not: with a schedule, for the rest of these steps,
   * a rate of so many steps ago.
   */
  skipped: "left out so far",
  /**
   * What each reports: float32 `[steps, 1 + metrics + parameters]`: the loss, metrics, the factor of the loss where it is
   * scaled, and gradients' sums of squares.
   */
  log: "log of steps",
} as const;

/** The name of an array of a pack. */
export const packName = (kind: string, pack: number): string => `${kind} of pack ${pack}`;

/** The name of a column's batches, one a step: `[steps, …]`. */
export const batchesInput = (column: string): string => `batches of ${column}`;

/** A column whose batches are on the device. */
export interface ColumnForm {
  readonly dtype: DType;
  /** The shape of a batch. */
  readonly shape: readonly number[];
}

/** What a training's step is made of. */
export interface StepParts {
  readonly plan: TrainingPlan;
  readonly packs: readonly ParameterPack[];
  /** What there is of each pack: the parameters first, then what the optimizer keeps. */
  readonly kinds: readonly string[];
}

/** A program that takes packs instead of parameters. */
export function unpacking(program: OnnxModel, packs: readonly ParameterPack[]): OnnxModel {
  return joinModels([unpacker(packs, new Map()), program], 1);
}

/** The whole step around a program of losses and gradients. */
export function stepProgram(
  program: OnnxModel,
  parts: StepParts,
  metrics: readonly string[],
  batches: ReadonlyMap<string, ColumnForm>,
): OnnxModel {
  return joinModels([unpacker(parts.packs, batches), program, mover(parts, metrics)], 1);
}

/** Packs and batches in; parameters and this step's batch out. */
function unpacker(packs: readonly ParameterPack[], batches: ReadonlyMap<string, ColumnForm>): OnnxModel {
  const inputs: Value[] = [];
  const outputs: Record<string, Value> = {};
  for (const [index, { members, size }] of packs.entries()) {
    const pack = input(packName("parameter", index), "float32", [size]);
    inputs.push(pack);
    for (const member of members) outputs[member.name] = unpacked(pack, member);
  }
  const step = input(carried.step, "int32", [1]);
  if (batches.size > 0) inputs.push(step);
  for (const [name, { dtype, shape }] of batches) {
    const all = input(batchesInput(name), dtype, [steps, ...shape]);
    inputs.push(all);
    outputs[name] = reshape(gather(all, step), shape);
  }
  return lower(inputs, outputs).model;
}

function unpacked(pack: Value, { shape, offset, size }: PackedParameter): Value {
  const isWhole = pack.shape[0] === size;
  const part = isWhole ? pack : slice(pack, [{ axis: 0, start: offset, end: offset + size }]);
  return reshape(part, shape);
}

/** Gradients, losses and what a step begins with in; what the next one begins with out. */
function mover({ plan, packs, kinds }: StepParts, metrics: readonly string[]): OnnxModel {
  const { parameters, states, optimizer, clipping, isScaled } = plan;
  const rule = graphRule(optimizer);
  const count = rule.numbers(1, 0).length;
  const table = input(chunkInputs.numbers, "float32", [steps, count]);
  const places = input(chunkInputs.places, "int32", [steps, 1]);
  const step = input(carried.step, "int32", [1]);
  const fine = input(carried.fine, "float32", [1]);
  const skipped = isScaled ? input(carried.skipped, "int32", [1]) : undefined;
  const scale = isScaled
    ? { factor: input(scaleNames.factor, "float32", []), steps: input(scaleNames.steps, "float32", []) }
    : undefined;
  const results = [lossOutput, ...metrics.map(metricOutput)].map((name) => input(name, "float32", []));
  const reports = scale ? [...results, scale.factor] : results;
  const log = input(carried.log, "float32", [steps, reports.length + parameters.length]);
  const gradients = new Map(
    parameters.map(({ name, shape }) => [name, input(gradientOutput(name), "float32", shape)]),
  );
  const arrays = packs.map(({ size }, index) =>
    kinds.map((kind) => input(packName(kind, index), "float32", [size])),
  );
  const before = states.map(({ name, value }) => input(name, "float32", value.shape));
  const after = states.map(({ name, value }) => input(nextOutput(name), "float32", value.shape));

  const flat = new Map([...gradients].map(([name, gradient]) => [name, reshape(gradient, [-1])]));
  const squaresOf = new Map([...flat].map(([name, each]) => [name, sum(square(each), { keepAxes: true })]));
  const squares = concat([...squaresOf.values()], 0);
  const row = concat([...reports.map((each) => reshape(each, [1])), squares], 0);
  const [loss] = reports;
  const isFinite = (value: Value): Value => oneIf(lessOrEqual(abs(value), largestFloat));
  const ofGradients = isFinite(sum(squares, { keepAxes: true }));
  const ofLoss = loss ? isFinite(reshape(loss, [1])) : ofGradients;
  // With a factor above 1 gradients may overflow that don't by themselves.
  const mayOverflow = scale && oneIf(greater(reshape(scale.factor, [1]), 1));
  const nextFine = multiply(
    multiply(fine, ofLoss),
    mayOverflow ? maximum(ofGradients, mayOverflow) : ofGradients,
  );
  const moves = greater(multiply(nextFine, ofGradients), 0);

  const outputs: Record<string, Value> = {
    [nextOutput(carried.step)]: add(step, 1),
    [nextOutput(carried.fine)]: nextFine,
    [nextOutput(carried.log)]: where(equal(places, step), reshape(row, [1, -1]), log),
  };
  if (skipped) outputs[nextOutput(carried.skipped)] = where(moves, skipped, add(skipped, 1));
  if (scale) {
    const next = nextScaleOf(scale, greater(reshape(ofGradients, []), 0));
    const goesOn = greater(reshape(nextFine, []), 0);
    outputs[keptState(scaleNames.factor)] = where(goesOn, next.factor, scale.factor);
    outputs[keptState(scaleNames.steps)] = where(goesOn, next.steps, scale.steps);
  }
  const chosen = gather(table, skipped ? subtract(step, skipped) : step);
  const numbers = Array.from({ length: count }, (_, index) =>
    reshape(slice(chosen, [{ axis: 1, start: index, end: index + 1 }]), [1]),
  );
  const clip = clipped(clipping, squares);
  for (const [index, { members, decay }] of packs.entries()) {
    const [parameter, ...slots] = arrays[index] ?? [];
    const gradient = concat(
      members.flatMap(({ name }) => flat.get(name) ?? []),
      0,
    );
    if (!parameter) continue;
    const next = rule.move({ parameter, gradient: clip(gradient), slots, decays: decay, numbers });
    for (const [at, value] of [next.parameter, ...next.slots].entries())
      outputs[nextOutput(packName(kinds[at] ?? "", index))] = where(
        moves,
        value,
        [parameter, ...slots][at] ?? 0,
      );
  }
  for (const [index, { name }] of states.entries()) {
    const [old, fresh] = [before[index], after[index]];
    // The program gives the state under the name that the next step's would have.
    if (old && fresh) outputs[keptState(name)] = where(moves, fresh, old);
  }
  const inputs = [
    table,
    places,
    step,
    fine,
    log,
    ...(skipped ? [skipped] : []),
    ...(scale ? [scale.factor, scale.steps] : []),
    ...results,
    ...gradients.values(),
    ...arrays.flat(),
    ...before,
    ...after,
  ];
  return lower(inputs, outputs).model;
}

/** The name of a state as a step leaves it, which is as it was where the step moved nothing. */
export const keptState = (name: string): string => `kept ${name}`;

/** Numbers that are not finite are in no order with this one. */
const largestFloat = 3.4028234663852886e38;

const oneIf = (condition: Value): Value => where(condition, 1, 0);

function clipped(clipping: GradientClipping | undefined, squares: Value): (gradient: Value) => Value {
  if (!clipping) return (gradient) => gradient;
  if ("maxValue" in clipping)
    return (gradient) => minimum(maximum(gradient, -clipping.maxValue), clipping.maxValue);
  const factor = minimum(divide(clipping.maxNorm, add(sqrt(sum(squares)), 1e-6)), 1);
  return (gradient) => multiply(gradient, factor);
}

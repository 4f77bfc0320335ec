/**
 * @file The rules of Scan.
 *
 * The gradient of a scan is a scan in the other direction (backpropagation through time: Werbos, "Backpropagation through
 * time: what it does and how to do it", 1990). What its step needs of the forward step is saved by a second Scan of the
 * same step, which `merge-scans.ts` makes one with the first. A sum over the steps that is a matrix product, such as the
 * gradient of a weight, is one product over all steps at the end.
 */
import { isFloat } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { capturedBy, insideOf, orderOf } from "../order.ts";
import { input, type Value } from "../value.ts";
import { defineOperator, type GradientContext } from "../ops/apply.ts";
import { add } from "../ops/elementwise.ts";
import { applyScan, readScan, type ScanParts } from "../ops/scan.ts";
import { zerosLike } from "../ops/zeros.ts";
import { sumOverSteps } from "./scan-sums.ts";

function partsOf(scan: Parameters<typeof readScan>[0]): ScanParts {
  const parts = readScan(scan);
  if (!parts)
    throw new GraphError("a Scan along other axes than the first, or in both directions, is not supported");
  return parts;
}

defineOperator("Scan", {
  infer: (application) => {
    const { body, initial, sequences } = partsOf(application);
    const steps = sequences[0]?.shape[0];
    if (steps === undefined) throw new GraphError("Scan needs a sequence");
    return body.outputs.map(({ dtype, shape }, index) => ({
      dtype,
      shape: index < initial.length ? shape : [steps, ...shape],
    }));
  },
  gradient: scanGradients,
});

/** The step of a scan differentiated. */
interface StepGradients {
  /** By output of the step: where the gradient of it comes in; undefined where none does. */
  readonly slopes: readonly (Value | undefined)[];
  /** By carried value, slice and captured value: its gradient; undefined where none flows or is wanted. */
  readonly carry: readonly (Value | undefined)[];
  readonly slices: readonly (Value | undefined)[];
  readonly captured: readonly (Value | undefined)[];
}

function scanGradients(context: GradientContext): readonly (Value | undefined)[] {
  const scan = partsOf(context);
  const captured = capturedBy(scan.body);
  const step = differentiate(scan, captured, context);
  const carries = scan.initial.length;
  const floats = scan.initial.flatMap((value, index) => (isFloat(value.dtype) ? [index] : []));
  const sums = captured.map((value, index) => {
    const gradient = step.captured[index];
    return gradient && { value, gradient, sum: sumOverSteps(gradient, value.shape) };
  });
  const added = sums.flatMap((each) => (each && !each.sum ? [each] : []));
  const totals = added.map(({ value }) => input("total", value.dtype, value.shape));

  const inside = insideOf(scan.body);
  const operands = sums.flatMap((each) => each?.sum?.operands ?? []);
  // What the forward step has need not go through this scan to be summed.
  const outward = [...step.slices.filter((each) => each !== undefined), ...operands];
  const collected = [...new Set(outward.filter((value) => !inside.has(value)))];
  const outputs = [
    ...floats.map((index) => step.carry[index] ?? zerosLike(scan.body.inputs[index] ?? lost())),
    ...added.map(({ gradient }, index) => add(totals[index] ?? lost(), gradient)),
    ...collected,
  ];
  const slopes = step.slopes.slice(carries);
  const places = [
    ...floats.map((index) => step.slopes[index] ?? lost()),
    ...totals,
    ...slopes.filter((each) => each !== undefined),
  ];
  const needed = forwardValues(outputs, new Set(places), inside);
  const stacked = save(scan, [...needed, ...outward.filter((value) => inside.has(value))]);
  const results = applyScan({
    body: { inputs: [...places, ...needed], outputs },
    initial: [
      ...floats.map((index) => context.gradients[index] ?? zerosLike(scan.initial[index] ?? lost())),
      ...added.map(({ value }) => zerosLike(value)),
    ],
    sequences: [
      ...slopes.flatMap((each, index) => (each ? [context.gradients[carries + index] ?? lost()] : [])),
      ...needed.map((value) => stacked.get(value) ?? lost()),
    ],
    reverse: !scan.reverse,
  });
  for (const [index, value] of collected.entries())
    stacked.set(value, results[floats.length + added.length + index] ?? lost());
  const stackedOf = (value: Value): Value => stacked.get(value) ?? lost();
  return [
    ...scan.initial.map((_, index) => results[floats.indexOf(index)]),
    ...step.slices.map((each) => each && stackedOf(each)),
    ...sums.map((each) => {
      if (!each) return undefined;
      if (each.sum) return each.sum.total(stackedOf);
      return results[floats.length + added.indexOf(each)];
    }),
  ];
}

function lost(): never {
  throw new GraphError("a scan's gradient lost one of its values");
}

/** Differentiates the step with respect to all that gradients of the scan may flow to. */
function differentiate(
  { body, initial, sequences }: ScanParts,
  captured: readonly Value[],
  { gradients, isWanted, pullBack }: GradientContext,
): StepGradients {
  const carries = initial.length;
  const slopes = body.outputs.map(({ dtype, shape }, index) =>
    isFloat(dtype) && (index < carries || gradients[index]) ? input("slope", dtype, shape) : undefined,
  );
  const leaves = new Set([...body.inputs, ...captured]);
  const wanted = [...leaves].filter((value, index) => {
    if (!isFloat(value.dtype)) return false;
    const from = sequences[index - carries];
    return index < carries || isWanted(index < body.inputs.length ? (from ?? value) : value);
  });
  const found = pullBack(body.outputs, slopes, wanted, (value) => leaves.has(value));
  const gradientOf = (value: Value): Value | undefined => found[wanted.indexOf(value)];
  return {
    slopes,
    carry: body.inputs.slice(0, carries).map(gradientOf),
    slices: body.inputs.slice(carries).map(gradientOf),
    captured: captured.map(gradientOf),
  };
}

/** The values of the forward step that values of the backward step are computed from. */
function forwardValues(
  values: readonly Value[],
  places: ReadonlySet<Value>,
  inside: ReadonlySet<Value>,
): Value[] {
  const isForward = (value: Value): boolean => inside.has(value) && value.source.kind !== "alias";
  return orderOf(values, "computation", (value) => places.has(value) || isForward(value)).filter(isForward);
}

/** Values of each step of a scan, stacked. */
function save(scan: ScanParts, values: readonly Value[]): Map<Value, Value> {
  const { body, initial, sequences } = scan;
  const stacked = new Map<Value, Value>();
  for (const [index, sequence] of sequences.entries()) {
    const slice = body.inputs[initial.length + index];
    if (slice) stacked.set(slice, sequence);
  }
  const more = [...new Set(values.filter((value) => !stacked.has(value)))];
  if (more.length === 0) return stacked;
  const results = applyScan({
    ...scan,
    body: { inputs: body.inputs, outputs: [...body.outputs.slice(0, initial.length), ...more] },
  });
  for (const [index, value] of more.entries()) stacked.set(value, results[initial.length + index] ?? lost());
  return stacked;
}

/**
 * @file A step repeated along the first axis of sequences, as ONNX's Scan.
 *
 * A step may use values from outside; they are the same at each repetition, random ones too.
 */
import { GraphError } from "../errors.ts";
import { sameShape, showShape, type Dimension } from "../shape.ts";
import { input, type Attributes, type Body, type Node, type Value, type ValueType } from "../value.ts";
import { applyAll, intAttribute, intsAttribute } from "./apply.ts";

/** What a step makes of carried values and of one slice of each sequence. */
export interface ScanStep {
  /** The carried values for the next step, of the types of the initial ones. */
  readonly carry: readonly Value[];
  /** What is collected of each step. */
  readonly outputs: readonly Value[];
}

/** How a scan runs. */
export interface ScanOptions {
  /** From the last slice to the first; outputs stay beside the slices that they are made of. */
  readonly reverse?: boolean;
}

/**
 * Repeats a step over the slices of sequences (`[steps, ...]`): gives the carried values after the last step, and each
 * step's outputs, stacked to `[steps, ...]`.
 *
 * @throws {@link GraphError} without sequences, where their lengths differ, or where a step changes the type of what it
 *   carries
 */
export function scan(
  initial: readonly Value[],
  sequences: readonly Value[],
  step: (carry: readonly Value[], slices: readonly Value[]) => ScanStep,
  { reverse = false }: ScanOptions = {},
): ScanStep {
  stepCount(sequences);
  const carry = initial.map(({ dtype, shape }) => input("carry", dtype, shape));
  const slices = sequences.map(({ dtype, shape }) => input("slice", dtype, shape.slice(1)));
  const made = step(carry, slices);
  checkCarry(initial, made.carry);
  const body = { inputs: [...carry, ...slices], outputs: [...made.carry, ...made.outputs] };
  const results = applyScan({ body, initial, sequences, reverse });
  return { carry: results.slice(0, initial.length), outputs: results.slice(initial.length) };
}

/** The number of steps: the size of the sequences' first axis. */
function stepCount(sequences: readonly Value[]): Dimension {
  const [first] = sequences;
  if (!first) throw new GraphError("scan needs a sequence");
  const [steps] = first.shape;
  const other = sequences.find(({ shape }) => shape.length === 0 || shape[0] !== steps);
  if (steps === undefined || other)
    throw new GraphError(
      `scan: sequences of shapes ${showShape(first.shape)} and ${showShape((other ?? first).shape)} have no common length`,
    );
  return steps;
}

function checkCarry(initial: readonly Value[], next: readonly Value[]): void {
  if (initial.length !== next.length)
    throw new GraphError(`scan: the step carries ${next.length} tensors on, ${initial.length} are given`);
  for (const [index, before] of initial.entries()) {
    const after = next[index];
    if (after && (after.dtype !== before.dtype || !sameShape(after.shape, before.shape)))
      throw new GraphError(
        `scan: the step makes ${after.dtype} ${showShape(after.shape)} of the carried ${before.dtype} ${showShape(before.shape)}`,
      );
  }
}

/** A Scan node taken apart. */
export interface ScanParts {
  readonly body: Body;
  readonly initial: readonly Value[];
  readonly sequences: readonly Value[];
  readonly reverse: boolean;
}

/** Applies Scan: gives the carried values after the last step, then the stacked outputs. */
export function applyScan({ body, initial, sequences, reverse }: ScanParts): readonly Value[] {
  const steps = stepCount(sequences);
  const outputs = body.outputs.slice(initial.length);
  const types = body.outputs.map(({ dtype, shape }, index): ValueType => {
    return { dtype, shape: index < initial.length ? shape : [steps, ...shape] };
  });
  const directions = (of: readonly Value[]): { readonly ints: readonly number[] } => ({
    ints: of.map(() => 1),
  });
  const attributes: Attributes = {
    body: { body },
    num_scan_inputs: { int: sequences.length },
    ...(reverse && {
      scan_input_directions: directions(sequences),
      ...(outputs.length > 0 && { scan_output_directions: directions(outputs) }),
    }),
  };
  return applyAll("Scan", [...initial, ...sequences], attributes, { types });
}

/**
 * Takes a Scan node apart; undefined where it is of a form that {@link applyScan} doesn't make: scanned along other axes
 * than the first, or in both directions.
 */
export function readScan({ inputs, attributes }: Pick<Node, "inputs" | "attributes">): ScanParts | undefined {
  const given = inputs.filter((each) => each !== undefined);
  const step = attributes["body"];
  const carried = given.length - intAttribute(attributes, "num_scan_inputs", 0);
  if (!step || !("body" in step)) return undefined;
  const axes = ["scan_input_axes", "scan_output_axes"].flatMap(
    (name) => intsAttribute(attributes, name) ?? [],
  );
  const directionsOf = (name: string, count: number): readonly number[] =>
    intsAttribute(attributes, name) ?? Array.from({ length: count }, () => 0);
  const directions = new Set([
    ...directionsOf("scan_input_directions", given.length - carried),
    ...directionsOf("scan_output_directions", step.body.outputs.length - carried),
  ]);
  if (axes.some((axis) => axis !== 0) || directions.size > 1) return undefined;
  return {
    body: step.body,
    initial: given.slice(0, carried),
    sequences: given.slice(carried),
    reverse: directions.has(1),
  };
}

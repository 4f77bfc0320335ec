/**
 * @file If, Loop and Scan. A program has no branches: of an If only the branch that is taken is imported, a Loop of a
 * known number of steps is written out, a Scan stays one.
 */
import type { OnnxValue } from "../onnx/model.ts";
import { intAttribute, intsAttribute } from "../ops/apply.ts";
import { scan } from "../ops/scan.ts";
import { concat, transpose, unsqueeze } from "../ops/shape-ops.ts";
import { normalAxis } from "../shape.ts";
import type { Value } from "../value.ts";
import { inputOf, refuse, type ImportedNode } from "./imported-node.ts";

/** Imports the graph that an attribute holds, with the values that `build` gives for its inputs. */
export type BodyImporter = (
  attribute: string,
  build: (inputs: readonly OnnxValue[]) => readonly Value[],
) => readonly Value[];

/** More steps than this make programs that take long to load. */
const mostSteps = 256;

/** How nodes that hold graphs become values. */
export const controlFlow: Readonly<
  Record<string, (node: ImportedNode, body: BodyImporter) => readonly Value[]>
> = {
  If: (node, body) => {
    const [condition] = node.knowledge.numbers(inputOf(node, 0)) ?? [];
    if (condition === undefined)
      throw refuse(node, "its condition depends on what the model computes, and programs have no branches");
    return body(condition === 0 ? "else_branch" : "then_branch", () => []);
  },
  Loop: importLoop,
  Scan: importScan,
};

function importLoop(node: ImportedNode, body: BodyImporter): readonly Value[] {
  const { knowledge, inputs } = node;
  const known = (value: Value | undefined): number | undefined => knowledge.numbers(value)?.[0];
  const unknown = (): Error => refuse(node, "its number of steps depends on what the model computes");
  const [trips, first] = [inputs[0], inputs[1]].map((each) =>
    each ? known(each) : Number.POSITIVE_INFINITY,
  );
  if (trips === undefined || first === undefined) throw unknown();
  let carried = inputs.slice(2).map((_, index) => inputOf(node, index + 2));
  const collected: Value[][] = [];
  let goesOn = first !== 0;
  for (let step = 0; step < trips && goesOn; step++) {
    if (step === mostSteps) throw refuse(node, `it has more than ${mostSteps} steps`);
    const number = knowledge.constant({ dtype: "int64", shape: [] }, [step]);
    const condition = knowledge.constant({ dtype: "bool", shape: [] }, [1]);
    const [next, ...results] = body("body", () => [number, condition, ...carried]);
    carried = results.slice(0, carried.length);
    for (const [index, result] of results.slice(carried.length).entries())
      (collected[index] ??= []).push(unsqueeze(result, 0));
    // A loop without a bound runs until its condition says so; it must be known.
    const more = known(next);
    if (more === undefined) throw unknown();
    goesOn = more !== 0;
  }
  if (collected.length === 0 && node.outputCount > carried.length)
    throw refuse(node, "it collects what no step makes");
  return [...carried, ...collected.map((parts) => concat(parts, 0))];
}

function importScan(node: ImportedNode, body: BodyImporter): readonly Value[] {
  if (node.version < 9) throw refuse(node, "Scan over a batch, as in operator set 8, is not supported");
  const { attributes, inputs } = node;
  const given = inputs.map((_, index) => inputOf(node, index));
  const carries = given.length - intAttribute(attributes, "num_scan_inputs", given.length);
  const axes = intsAttribute(attributes, "scan_input_axes") ?? [];
  const sequences = given.slice(carries).map((value, index) => toFront(value, axes[index] ?? 0));
  const outDirections = intsAttribute(attributes, "scan_output_directions") ?? [];
  const inDirections = intsAttribute(attributes, "scan_input_directions") ?? sequences.map(() => 0);
  const outs = node.outputCount - carries;
  const directions = new Set([
    ...inDirections,
    ...(outDirections.length > 0 ? outDirections : Array.from({ length: outs }, () => 0)),
  ]);
  if (directions.size > 1) throw refuse(node, "it runs in both directions at once");
  const { carry, outputs } = scan(
    given.slice(0, carries),
    sequences,
    (carried, slices) => {
      const made = body("body", () => [...carried, ...slices]);
      return { carry: made.slice(0, carries), outputs: made.slice(carries) };
    },
    { reverse: directions.has(1) },
  );
  const outAxes = intsAttribute(attributes, "scan_output_axes") ?? [];
  return [...carry, ...outputs.map((value, index) => fromFront(value, outAxes[index] ?? 0))];
}

function toFront(x: Value, axis: number): Value {
  const at = normalAxis("Scan", axis, x.shape.length);
  return transpose(x, [at, ...[...x.shape.keys()].filter((each) => each !== at)]);
}

function fromFront(x: Value, axis: number): Value {
  const at = normalAxis("Scan", axis, x.shape.length);
  const rest = [...x.shape.keys()].slice(1);
  return transpose(x, rest.toSpliced(at, 0, 0));
}

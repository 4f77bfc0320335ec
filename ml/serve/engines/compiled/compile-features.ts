/** @file Fitted features as one function of rows: a request's values to the matrix that the model predicts of. */
import * as v from "valibot";
import type { ModelInputs } from "../../plan/model-inputs.ts";
import type { ModelPlan } from "../../plan/model-plan.ts";
import { compileStep, type ColumnFunction, type RowPlace, type StepOutput } from "./column-steps.ts";

/** Writes the features of rows, row-major, float32 as in the tensor program. */
export interface CompiledFeatures {
  readonly width: number;
  readonly write: (inputs: ModelInputs, into: Float32Array) => void;
}

const stepSchema = v.object({ kind: v.string(), state: v.unknown() });

/** What is read of fitted features in JSON. */
export const featuresSchema = v.object({
  version: v.literal(1),
  routes: v.array(v.object({ columns: v.array(v.string()), steps: v.array(stepSchema) })),
  piped: v.optional(v.array(stepSchema), []),
});

const keptSchema = v.object({ kept: v.array(v.number()) });
const selections: ReadonlySet<string> = new Set(["varianceThreshold", "selectKBest", "selectFromModel"]);

/** The features as a function; undefined where a step is left to the graph. */
export function compileFeatures(
  plan: ModelPlan,
  { routes, piped }: v.InferOutput<typeof featuresSchema>,
): CompiledFeatures | undefined {
  if (plan.tensors > 0) return undefined;
  const outputs: StepOutput[] = [];
  for (const { columns, steps } of routes) {
    const found = compileRoute(plan, columns, steps);
    if (!found) return undefined;
    outputs.push(...found);
  }
  const kept = keptPlaces(piped);
  if (kept === undefined) return undefined;
  return kept === "all" ? featuresOf(plan, outputs) : selected(featuresOf(plan, outputs), kept);
}

function compileRoute(
  plan: ModelPlan,
  names: readonly string[],
  steps: readonly v.InferOutput<typeof stepSchema>[],
): readonly StepOutput[] | undefined {
  const columns = names.flatMap((name) => readColumn(plan, name) ?? []);
  if (columns.length < names.length) return undefined;
  let outputs: readonly StepOutput[] = columns;
  for (const { kind, state } of steps) {
    const given = outputs.filter((output): output is ColumnFunction => output.kind !== "position");
    // Single features of a position have no function of their own.
    if (given.length < outputs.length) return undefined;
    const found = compileStep(kind, state)?.(given);
    if (!found) return undefined;
    outputs = found;
  }
  return outputs.some(({ kind }) => kind === "text") ? undefined : outputs;
}

function readColumn(plan: ModelPlan, name: string): ColumnFunction | undefined {
  const input = plan.inputsByName.get(name);
  if (!input || input.group === "tensor") return undefined;
  const { place } = input;
  if (input.group === "text")
    return { kind: "text", read: ({ texts, textStart }) => texts[textStart + place] ?? "" };
  if (input.dtype === "float32")
    return {
      kind: "number",
      read: ({ numbers, numberStart }) => Math.fround(numbers[numberStart + place] ?? 0),
    };
  return { kind: "number", read: ({ numbers, numberStart }) => numbers[numberStart + place] ?? 0 };
}

/** The places of the features that stay; undefined where they aren't only selected. */
function keptPlaces(
  piped: readonly v.InferOutput<typeof stepSchema>[],
): readonly number[] | "all" | undefined {
  let kept: readonly number[] | "all" = "all";
  for (const { kind, state } of piped) {
    const parsed = v.safeParse(keptSchema, state);
    if (!selections.has(kind) || !parsed.success) return undefined;
    const before: readonly number[] | "all" = kept;
    kept = before === "all" ? parsed.output.kept : parsed.output.kept.map((at) => before[at] ?? -1);
  }
  return kept;
}

function featuresOf(plan: ModelPlan, outputs: readonly StepOutput[]): CompiledFeatures {
  const width = outputs.reduce((sum, output) => sum + (output.kind === "position" ? output.width : 1), 0);
  const numbers: { readonly at: number; readonly read: (row: RowPlace) => number }[] = [];
  const positions: { readonly at: number; readonly read: (row: RowPlace) => number }[] = [];
  let at = 0;
  for (const output of outputs) {
    if (output.kind === "position") positions.push({ at, read: output.read });
    else if (output.kind === "number") numbers.push({ at, read: output.read });
    at += output.kind === "position" ? output.width : 1;
  }
  const row: RowPlace = { numbers: new Float64Array(0), numberStart: 0, texts: [], textStart: 0 };
  const write = (inputs: ModelInputs, into: Float32Array): void => {
    row.numbers = inputs.numbers;
    row.texts = inputs.texts;
    if (positions.length > 0) into.fill(0, 0, inputs.rows * width);
    for (let each = 0; each < inputs.rows; each++) {
      row.numberStart = each * plan.numbers;
      row.textStart = each * plan.texts;
      const start = each * width;
      for (const number of numbers) into[start + number.at] = number.read(row);
      for (const position of positions) {
        const found = position.read(row);
        if (found >= 0) into[start + position.at + found] = 1;
      }
    }
  };
  return { width, write };
}

function selected(features: CompiledFeatures, kept: readonly number[]): CompiledFeatures {
  let all = new Float32Array(0);
  return {
    width: kept.length,
    write: (inputs, into) => {
      if (all.length < inputs.rows * features.width) all = new Float32Array(inputs.rows * features.width);
      features.write(inputs, all);
      for (let row = 0; row < inputs.rows; row++)
        for (let at = 0; at < kept.length; at++)
          into[row * kept.length + at] = all[row * features.width + (kept[at] ?? 0)] ?? 0;
    },
  };
}

/** @file Rows of a request, as objects or as lists of values, checked against a model's plan. */
import { InvalidInputError } from "../../errors.ts";
import { checkedCell } from "../../package/cell-values.ts";
import { missingValue, roomFor, type ModelInputs } from "./model-inputs.ts";
import type { InputPlan, ModelPlan } from "./model-plan.ts";
import { findInput } from "./read-tensors.ts";

/** Rows with a list of values each, in the order of their columns. */
export interface RowLists {
  readonly columns: readonly string[];
  readonly data: readonly (readonly unknown[])[];
}

/**
 * The values of rows by column; those of columns that the model hasn't are left out, as in data frames.
 * @throws {@link InvalidInputError} that names column and row, for what is missing or of another type than the model takes
 */
export function inputsOfRecords(
  plan: ModelPlan,
  rows: readonly Readonly<Record<string, unknown>>[],
): ModelInputs {
  requireColumns(plan);
  const inputs = roomFor(plan, rows.length);
  for (const [row, record] of rows.entries())
    for (const input of plan.inputs)
      writeCell(plan, input, row, Object.hasOwn(record, input.name) ? record[input.name] : undefined, inputs);
  return inputs;
}

/**
 * The same of rows as lists.
 * @throws {@link InvalidInputError} also for a row that has not a value for each column, and a column that is there twice
 */
export function inputsOfLists(plan: ModelPlan, { columns, data }: RowLists): ModelInputs {
  requireColumns(plan);
  const inputs = roomFor(plan, data.length);
  const known = columns.map((name) => plan.inputsByName.get(name));
  const seen = new Set<string>();
  const twice = columns.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) throw new InvalidInputError(`the column ${JSON.stringify(twice)} is there twice`);
  // Names that are all unknown are a mistake and no missing values.
  if (known.every((input) => input === undefined) && columns[0] !== undefined) findInput(plan, columns[0]);
  for (const input of plan.inputs)
    if (input.required && !seen.has(input.name) && data.length > 0) throw missingValue(input, 0);
  for (const [row, values] of data.entries()) {
    if (values.length !== columns.length)
      throw new InvalidInputError(
        `row ${row} has ${values.length} values, where there are ${columns.length} columns`,
      );
    for (const [at, input] of known.entries()) if (input) writeCell(plan, input, row, values[at], inputs);
  }
  return inputs;
}

/** Writes a value in its place. */
export function writeCell(
  plan: ModelPlan,
  input: InputPlan,
  row: number,
  value: unknown,
  into: ModelInputs,
): void {
  const cell = checkedCell(input, value, row);
  if (input.group === "text") into.texts[row * plan.texts + input.place] = String(cell ?? "");
  else into.numbers[row * plan.numbers + input.place] = Number(cell ?? Number.NaN);
}

function requireColumns(plan: ModelPlan): void {
  if (plan.tensors > 0)
    throw new InvalidInputError("the model takes tensors and no rows of columns: give it tensors by name");
}

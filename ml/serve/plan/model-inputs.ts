/** @file The values of a request in the places that a model's plan has for them. */
import { InvalidInputError } from "../../errors.ts";
import { ServingError, type TensorElements } from "../inference.ts";
import type { InputPlan, ModelPlan } from "./model-plan.ts";

/** Values of all inputs of some rows. Nothing is written to them once they are whole. */
export interface ModelInputs {
  readonly rows: number;
  /** Row-major, a number for each input of that group; NaN is a missing one. */
  readonly numbers: Float64Array;
  /** Row-major, a text for each input of that group; "" is a missing one. */
  readonly texts: string[];
  /** The elements of each input of that group. */
  readonly tensors: TensorElements[];
  /** Their shapes, rows included. */
  readonly shapes: (readonly number[])[];
}

const noNumbers = new Float64Array(0);

/** Values that a request may have, also those that are missing: a JSON body of 64 MiB can't give more. */
const mostValues = 2 ** 25;

/**
 * Room for the values of some rows: numbers and texts that are not written are missing.
 * @throws {@link ServingError} of kind `too-large`
 */
export function roomFor(plan: ModelPlan, rows: number): ModelInputs {
  if (rows * (plan.numbers + plan.texts) > mostValues)
    throw new ServingError(
      "too-large",
      `${rows} rows of the model's inputs are more than ${mostValues} values`,
    );
  return {
    rows,
    numbers: plan.numbers === 0 ? noNumbers : new Float64Array(rows * plan.numbers).fill(Number.NaN),
    texts: plan.texts === 0 ? [] : Array.from<string>({ length: rows * plan.texts }).fill(""),
    tensors: [],
    shapes: [],
  };
}

/**
 * Checks that all values are there which the model needs.
 * @throws {@link InvalidInputError} that names column and row
 */
export function requireValues(plan: ModelPlan, { rows, numbers }: ModelInputs): void {
  for (const input of plan.inputs) {
    if (!input.required || input.group !== "number") continue;
    for (let row = 0; row < rows; row++)
      if (Number.isNaN(numbers[row * plan.numbers + input.place])) throw missingValue(input, row);
  }
}

/** An error for a value that is missing and needed. */
export function missingValue({ name }: InputPlan, row: number): InvalidInputError {
  return new InvalidInputError(`column "${name}" of row ${row} has no value, and the model needs one`);
}

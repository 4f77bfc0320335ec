/** @file Tensors that are made up, so that a copy of a model has something to be held against. */
import { Random } from "../random.ts";
import type { ModelRow } from "./cell-values.ts";
import type { ModelSignature } from "./signature.ts";

const rowCount = 8;

/** The most elements that a row of all inputs may have, to keep the record small. */
const mostElements = 4096;

/** Rows of normally distributed numbers, the same each time; none for inputs that aren't small tensors of floats of known sizes. */
export function exampleTensors({ inputs }: ModelSignature): readonly ModelRow[] {
  const sizes = inputs.map(({ shape = [-1] }) => shape.reduce((product, size) => product * size, 1));
  const isFloat = inputs.every(
    ({ dtype, shape }) => (dtype === "float32" || dtype === "float64") && shape && !shape.includes(-1),
  );
  if (!isFloat || sizes.reduce((sum, size) => sum + size, 0) > mostElements) return [];
  const random = new Random(1);
  return Array.from({ length: rowCount }, () =>
    Object.fromEntries(
      inputs.map(({ name }, at) => [
        name,
        Array.from({ length: sizes[at] ?? 0 }, () => Math.round(random.normal() * 256) / 256),
      ]),
    ),
  );
}

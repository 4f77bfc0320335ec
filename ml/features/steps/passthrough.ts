/** @file Numbers as they are. */
import * as v from "valibot";
import type { StepDefinition } from "../step.ts";
import { asNumbers } from "../traced.ts";
import type { NumberColumn, Transformer } from "../transformer.ts";

/** The column's numbers as they are, in float32; booleans are 0 and 1. */
export function passthrough(): Transformer<NumberColumn, "number"> {
  return { kind: "passthrough", settings: {} };
}

/** The kind of step behind {@link passthrough}. */
export const passthroughStep: StepDefinition<unknown, Record<string, never>> = {
  kind: "passthrough",
  state: v.strictObject({}),
  takes: "number",
  fit: async () => ({}),
  names: (_, columns) => columns,
  sql: (_, columns) => columns.map(({ sql }) => ({ type: "number", sql: `${sql}::DOUBLE` })),
  trace: (_, columns) => asNumbers(columns),
};

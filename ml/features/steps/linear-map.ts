/** @file What all steps of the form `(x - center) / scale` share. */
import * as v from "valibot";
import { sqlNumber } from "../sql.ts";
import type { StepDefinition } from "../step.ts";
import { asNumbers, row } from "../traced.ts";

/** The linear map of each column. */
export const linearState = v.object({ centers: v.array(v.number()), scales: v.array(v.number()) });

/** The centers and scales of the columns. */
export type LinearState = v.InferOutput<typeof linearState>;

/** The map `(x - center) / scale`; what is missing stays missing. */
export const linearMap: Pick<
  StepDefinition<unknown, LinearState>,
  "state" | "takes" | "names" | "sql" | "trace"
> = {
  state: linearState,
  takes: "number",
  names: (_, columns) => columns,
  sql: ({ centers, scales }, columns) =>
    columns.map(({ sql }, at) => ({
      type: "number",
      sql: `(${sql} - ${sqlNumber(centers[at] ?? 0)}) / ${sqlNumber(scales[at] ?? 1)}`,
    })),
  trace: ({ centers, scales }, columns) => asNumbers(columns).sub(row(centers)).div(row(scales)),
};

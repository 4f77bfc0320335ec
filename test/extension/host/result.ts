/** @file What a test inside the extension host tells the one outside. */
import * as v from "valibot";

const hostResultSchema = v.object({
  title: v.string(),
  state: v.picklist(["passed", "failed", "skipped"]),
  /** Why it failed. */
  message: v.optional(v.string()),
});
export type HostResult = v.InferOutput<typeof hostResultSchema>;

export const hostResultsSchema = v.array(hostResultSchema);

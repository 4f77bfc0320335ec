/** @file What the process and the thread that holds an embedded store say to each other. */
import * as v from "valibot";

/** A call of the store's API. */
export const callSchema = v.object({
  call: v.number(),
  method: v.picklist(["GET", "POST", "PATCH", "DELETE"]),
  endpoint: v.string(),
  /** JSON. */
  input: v.string(),
});
export type StoreCall = v.InferOutput<typeof callSchema>;

/** What became of a call: JSON, or why there is none. */
export const answerSchema = v.object({
  call: v.number(),
  json: v.optional(v.string()),
  /** `code` is MLflow's where the store refused the call. */
  failed: v.optional(v.object({ code: v.optional(v.string()), message: v.string() })),
});
export type StoreAnswer = v.InferOutput<typeof answerSchema>;

/**
 * @file What the kernel and the process that reads the columns of files say to each other: one JSON object a line, the
 * kernel's questions on the process's standard input, an answer for each on its standard output, in any order.
 *
 * Files are named by absolute paths. `ready` comes first; its version says that both are of one release.
 */
import * as v from "valibot";

export const columnReaderVersion = 1;

export const columnQuestion = v.object({
  id: v.number(),
  /** The file or pattern to look at. */
  path: v.string(),
});

export type ColumnQuestion = v.InferOutput<typeof columnQuestion>;

export const columnAnswer = v.variant("type", [
  v.object({ type: v.literal("ready"), version: v.number() }),
  v.object({
    type: v.literal("columns"),
    id: v.number(),
    columns: v.array(v.object({ name: v.string(), type: v.string() })),
  }),
  /** Why there is nothing to know: one line for people. */
  v.object({ type: v.literal("problem"), id: v.number(), problem: v.string() }),
]);

export type ColumnAnswer = v.InferOutput<typeof columnAnswer>;

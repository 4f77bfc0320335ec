/** @file What the extension and the page of the variables view say to each other. */
import * as v from "valibot";
import { pathSchema, variableSchema } from "../../kernel/protocol.ts";

/** The page's words in the user's language, by their place in the page. */
export const textsSchema = v.record(v.string(), v.string());

/** From the extension. */
export const toPageSchema = v.variant("type", [
  /** All variables, after each change. */
  v.object({
    type: v.literal("variables"),
    /** The notebook's URI. */
    notebook: v.string(),
    variables: v.array(variableSchema),
    /** How many there are, also of those that are not listed. */
    total: v.number(),
    texts: textsSchema,
  }),
  /** Parts of a variable, from `offset` on; `total` of them are there. */
  v.object({
    type: v.literal("children"),
    path: pathSchema,
    offset: v.number(),
    children: v.array(variableSchema),
    total: v.number(),
  }),
  /** Nothing to show, and the one thing to do about it. */
  v.object({
    type: v.literal("empty"),
    message: v.string(),
    action: v.optional(v.object({ label: v.string(), command: v.string() })),
    texts: textsSchema,
  }),
]);
export type ToPage = v.InferOutput<typeof toPageSchema>;

/** The columns by which rows can be in order. */
export const sortColumnSchema = v.picklist(["name", "type", "shape", "bytes", "preview"]);
export type SortColumn = v.InferOutput<typeof sortColumnSchema>;

/** From the page. */
export const fromPageSchema = v.variant("type", [
  v.object({ type: v.literal("ready") }),
  v.object({ type: v.literal("children"), path: pathSchema, offset: v.number() }),
  /** In the data viewer. */
  v.object({ type: v.literal("open"), path: pathSchema }),
  /** What the empty state offers. */
  v.object({ type: v.literal("act") }),
]);
export type FromPage = v.InferOutput<typeof fromPageSchema>;

/** What the page keeps over a reload of the window. */
export const pageStateSchema = v.object({
  sort: v.optional(v.object({ column: sortColumnSchema, descending: v.boolean() })),
  filter: v.string(),
});
export type PageState = v.InferOutput<typeof pageStateSchema>;

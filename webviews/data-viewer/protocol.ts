/** @file What the extension and the data viewer's page say to each other. The rows are the kernel's, as it sends them. */
import * as v from "valibot";
import { filterSchema, pageSchema, pathSchema, profileSchema, sortSchema } from "../../kernel/protocol.ts";

/** Which rows are wanted. */
export const pageQuerySchema = v.object({
  offset: v.number(),
  limit: v.number(),
  sort: v.array(sortSchema),
  filters: v.array(filterSchema),
});
export type PageQuery = v.InferOutput<typeof pageQuerySchema>;

/** Of which columns and rows statistics are wanted. */
export const profileQuerySchema = v.object({ columns: v.array(v.string()), filters: v.array(filterSchema) });
export type ProfileQuery = v.InferOutput<typeof profileQuerySchema>;

/** The page's words in the user's language, by their place in the page. */
export const textsSchema = v.record(v.string(), v.string());

const id = v.number();

/** From the extension. */
export const toPageSchema = v.variant("type", [
  /** First of all, and again when the kernel has other values under the name. */
  v.object({
    type: v.literal("open"),
    notebook: v.string(),
    path: pathSchema,
    /** What people call it, for example `flights` or `report.rows`. */
    name: v.string(),
    valueType: v.string(),
    shape: v.optional(v.string()),
    texts: textsSchema,
  }),
  v.object({ type: v.literal("page"), id, page: pageSchema }),
  v.object({ type: v.literal("profile"), id, profile: profileSchema }),
  v.object({ type: v.literal("failed"), id, message: v.string() }),
  /** A cell has run: the rows may be others. */
  v.object({ type: v.literal("changed") }),
  /** There is nothing to show; the message says what to do. */
  v.object({ type: v.literal("gone"), message: v.string() }),
]);
export type ToPage = v.InferOutput<typeof toPageSchema>;

/** From the page. */
export const fromPageSchema = v.variant("type", [
  v.object({ type: v.literal("ready") }),
  v.object({ type: v.literal("page"), id, query: pageQuerySchema }),
  v.object({ type: v.literal("profile"), id, query: profileQuerySchema }),
  v.object({ type: v.literal("copy"), text: v.string() }),
  /** All rows that the filters leave, in this order, with these columns. */
  v.object({
    type: v.literal("export"),
    columns: v.array(v.string()),
    sort: v.array(sortSchema),
    filters: v.array(filterSchema),
  }),
]);
export type FromPage = v.InferOutput<typeof fromPageSchema>;

/** What the page keeps over a reload of the window. */
export const pageStateSchema = v.object({
  notebook: v.string(),
  path: pathSchema,
  name: v.string(),
  sort: v.array(sortSchema),
  filters: v.array(filterSchema),
  pinned: v.array(v.string()),
  hidden: v.array(v.string()),
  widths: v.record(v.string(), v.number()),
  /** The first row that showed. */
  top: v.number(),
});
export type PageState = v.InferOutput<typeof pageStateSchema>;

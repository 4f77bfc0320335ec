/** @file What the extension and the graph's page say to each other. */
import * as v from "valibot";

/** How a cell stands: `new` has not run on this kernel. */
export const cellStateSchema = v.picklist(["new", "fresh", "stale", "running", "failed"]);
export type CellState = v.InferOutput<typeof cellStateSchema>;

export const graphCellSchema = v.object({
  id: v.string(),
  /** Its place among all cells of the notebook, from 1, as people count. */
  number: v.number(),
  /** The heading above it, else its first line. */
  label: v.string(),
  state: cellStateSchema,
  /** The state in words. */
  status: v.string(),
});
export type GraphCell = v.InferOutput<typeof graphCellSchema>;

export const graphEdgeSchema = v.object({
  /** The cell that defines. */
  from: v.string(),
  /** The cell that uses. */
  to: v.string(),
  names: v.array(v.string()),
});
export type GraphEdge = v.InferOutput<typeof graphEdgeSchema>;

/** From the extension: all that is to be seen, in the order of the document. */
export const toPageSchema = v.variant("type", [
  v.object({
    type: v.literal("graph"),
    /** The notebook's name. */
    notebook: v.string(),
    uri: v.string(),
    cells: v.array(graphCellSchema),
    edges: v.array(graphEdgeSchema),
    /** In the user's language. */
    texts: v.object({
      runStale: v.string(),
      empty: v.string(),
      /** What the names of `edges` are introduced by, for people who hear the page. */
      uses: v.string(),
    }),
  }),
]);
export type ToPage = v.InferOutput<typeof toPageSchema>;

/** What the page keeps over a reload of the window. */
export const pageStateSchema = v.object({ notebook: v.string() });
export type PageState = v.InferOutput<typeof pageStateSchema>;

/** From the page. */
export const fromPageSchema = v.variant("type", [
  v.object({ type: v.literal("ready") }),
  v.object({ type: v.literal("reveal"), cell: v.string() }),
  v.object({ type: v.literal("runStale") }),
]);
export type FromPage = v.InferOutput<typeof fromPageSchema>;

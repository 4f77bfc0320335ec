/** @file The notebook's graph as its page shows it: cells with labels and states, and edges with the names on them. */
import type { CellState, GraphEdge } from "../../webviews/notebook-graph/protocol.ts";
import type { NamedCell } from "./cell-names.ts";
import type { NotebookStaleness } from "./notebook-staleness.ts";

/** Who uses whose names, by the cells' texts: a name means its nearest earlier definition. */
export function graphEdges(cells: readonly NamedCell[]): readonly GraphEdge[] {
  const nearest = new Map<string, string>();
  const edges: GraphEdge[] = [];
  for (const { id, names } of cells) {
    const from = new Map<string, string[]>();
    for (const name of names.uses) {
      const definer = nearest.get(name);
      if (definer === undefined) continue;
      from.set(definer, [...(from.get(definer) ?? []), name]);
    }
    for (const [definer, used] of from) edges.push({ from: definer, to: id, names: used.sort() });
    for (const name of names.defines) nearest.set(name, id);
  }
  return edges;
}

/** How a cell stands. */
export function cellState(
  staleness: NotebookStaleness,
  cell: string,
  running: string | undefined,
): CellState {
  if (cell === running) return "running";
  if (staleness.stale.has(cell)) return "stale";
  if (staleness.hasFailed(cell)) return "failed";
  return staleness.hasRun(cell) ? "fresh" : "new";
}

/** What people know a cell by: the heading right above it, else its first line. */
export function cellLabel(source: string, markdownAbove: string | undefined): string {
  const heading = markdownAbove
    ?.split("\n")
    .map((line) => /^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$/.exec(line)?.[1])
    .findLast((text) => text !== undefined);
  return heading ?? firstLine(source);
}

function firstLine(source: string): string {
  return (
    source
      .split("\n")
      .map((line) => line.trim())
      .find((line) => line !== "") ?? ""
  );
}

/** @file Places all cells: each group that hangs together by itself, the groups in rows, single cells last. */
import {
  type GraphLayout,
  type PlacedEdge,
  type Point,
  cellSize,
  gap,
  layeredLayout,
} from "./layered-layout.ts";
import type { GraphEdge } from "./protocol.ts";

const margin = 24;
/** Rows are at least so many cells wide, also on a narrow page. */
const fewestColumns = 2;

/** Lays out a notebook's cells, given in the order of the document, for a page of a width. */
export function graphLayout(
  ids: readonly string[],
  edges: readonly GraphEdge[],
  pageWidth: number,
): GraphLayout {
  const place = new Map(ids.map((id, index) => [id, index]));
  const downward = edges.filter(({ from, to }) => (place.get(from) ?? ids.length) < (place.get(to) ?? -1));
  const groups = groupsOf(ids, downward);
  const linked = groups.filter(({ ids: own }) => own.length > 1);
  const single = groups.filter(({ ids: own }) => own.length === 1);
  const layouts = [...linked, ...single].map((group) => layeredLayout(group.ids, group.edges));
  const columns = fewestColumns * (cellSize.width + gap.between) - gap.between;
  const rowWidth = layouts.reduce(
    (most, { width }) => Math.max(most, width),
    Math.max(columns, pageWidth - 2 * margin),
  );

  const cells = new Map<string, Point>();
  const placed: PlacedEdge[] = [];
  let [x, y, height, width] = [0, 0, 0, 0];
  for (const layout of layouts) {
    if (x > 0 && x + layout.width > rowWidth) [x, y, height] = [0, y + height + gap.below / 2, 0];
    const move = (point: Point): Point => ({ x: point.x + x + margin, y: point.y + y + margin });
    for (const [id, point] of layout.cells) cells.set(id, move(point));
    for (const edge of layout.edges) placed.push({ ...edge, points: edge.points.map(move) });
    width = Math.max(width, x + layout.width);
    height = Math.max(height, layout.height);
    x += layout.width + gap.between;
  }
  return { cells, edges: placed, width: width + 2 * margin, height: y + height + 2 * margin };
}

interface Group {
  readonly ids: string[];
  readonly edges: GraphEdge[];
}

/** Cells that hang together by edges, with their edges; groups are in the order of their first cells. */
function groupsOf(ids: readonly string[], edges: readonly GraphEdge[]): readonly Group[] {
  const parents = new Map(ids.map((id) => [id, id]));
  const rootOf = (id: string): string => {
    let root = id;
    for (let parent = parents.get(root); parent !== undefined && parent !== root; parent = parents.get(root))
      root = parent;
    parents.set(id, root);
    return root;
  };
  for (const { from, to } of edges) parents.set(rootOf(to), rootOf(from));
  const groups = new Map<string, Group>();
  for (const id of ids) {
    const root = rootOf(id);
    const group = groups.get(root) ?? { ids: [], edges: [] };
    group.ids.push(id);
    groups.set(root, group);
  }
  for (const edge of edges) groups.get(rootOf(edge.from))?.edges.push(edge);
  return [...groups.values()];
}

/**
 * @file Places cells that hang together in layers, each below those that it uses, with few crossings (after Sugiyama).
 *
 * Edges over several layers go by way-points that all edges of one cell share.
 */
import type { GraphEdge } from "./protocol.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge extends GraphEdge {
  /** From the bottom of one cell to the top of the other. */
  readonly points: readonly Point[];
}

export interface GraphLayout {
  /** The middle of each cell. */
  readonly cells: ReadonlyMap<string, Point>;
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

/** The size of a cell in pixels. */
export const cellSize = { width: 184, height: 48 } as const;
/** The space beside and below a cell. */
export const gap = { between: 24, below: 64 } as const;
const waypointWidth = 16;
const sweeps = 6;

interface Item {
  readonly id: string | undefined;
  readonly layer: number;
  readonly above: Item[];
  readonly below: Item[];
  x: number;
}

/** Lays out cells that hang together; `ids` are in the order of the document, and edges go down it. */
export function layeredLayout(ids: readonly string[], edges: readonly GraphEdge[]): GraphLayout {
  const layerOf = layersOf(ids, edges);
  const layers: Item[][] = [];
  const items = new Map<string, Item>();
  for (const [id, layer] of layerOf) items.set(id, addItem(layers, id, layer));
  const routes = edges.map((edge) => ({ edge, route: [] as Item[] }));
  const waypoints = new Map<Item, Item[]>();
  for (const { edge, route } of routes) {
    const [from, to] = [items.get(edge.from), items.get(edge.to)];
    if (from === undefined || to === undefined) continue;
    route.push(...connect(from, to, layers, waypoints));
  }
  for (let sweep = 0; sweep < sweeps; sweep += 1) orderBySide(layers, sweep % 2 === 0 ? "above" : "below");
  for (let sweep = 0; sweep < sweeps; sweep += 1) alignBySide(layers, sweep % 2 === 0 ? "above" : "below");
  return finish(items, layers, routes);
}

/** Each cell as far down as the longest way to it; one that uses nothing is right above the first that uses it. */
function layersOf(ids: readonly string[], edges: readonly GraphEdge[]): ReadonlyMap<string, number> {
  const sources = new Map<string, string[]>();
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) {
    append(sources, to, from);
    append(targets, from, to);
  }
  const layers = new Map<string, number>();
  for (const id of ids) {
    const above = (sources.get(id) ?? []).map((other) => layers.get(other) ?? 0);
    layers.set(id, above.length === 0 ? 0 : Math.max(...above) + 1);
  }
  for (const id of ids) {
    if (sources.has(id) || !targets.has(id)) continue;
    const below = (targets.get(id) ?? []).map((other) => layers.get(other) ?? 1);
    layers.set(id, Math.max(0, Math.min(...below) - 1));
  }
  return layers;
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function addItem(layers: Item[][], id: string | undefined, layer: number): Item {
  const item: Item = { id, layer, above: [], below: [], x: 0 };
  while (layers.length <= layer) layers.push([]);
  layers[layer]?.push(item);
  return item;
}

/** The way from one cell to another; way-points of the first cell that are there are used again. */
function connect(from: Item, to: Item, layers: Item[][], waypoints: Map<Item, Item[]>): readonly Item[] {
  const own = waypoints.get(from) ?? [];
  waypoints.set(from, own);
  const route = [from];
  for (let layer = from.layer + 1; layer < to.layer; layer += 1) {
    const known = own[layer - from.layer - 1];
    const next = known ?? addItem(layers, undefined, layer);
    if (known === undefined) {
      own.push(next);
      link(route.at(-1), next);
    }
    route.push(next);
  }
  link(route.at(-1), to);
  return [...route, to];
}

function link(upper: Item | undefined, lower: Item): void {
  upper?.below.push(lower);
  if (upper !== undefined) lower.above.push(upper);
}

type Side = "above" | "below";

function* visit(layers: readonly Item[][], side: Side): Generator<Item[]> {
  yield* side === "above" ? layers : layers.toReversed();
}

/** Sorts each layer by the middle of its neighbours' places on one side. */
function orderBySide(layers: readonly Item[][], side: Side): void {
  for (const layer of layers) for (const [index, item] of layer.entries()) item.x = index;
  for (const layer of visit(layers, side)) {
    const wanted = new Map(layer.map((item) => [item, middle(item[side]) ?? item.x]));
    layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    for (const [index, item] of layer.entries()) item.x = index;
  }
  for (const layer of layers) {
    let x = 0;
    for (const item of layer) {
      item.x = x + widthOf(item) / 2;
      x += widthOf(item) + gap.between;
    }
  }
}

/** Moves the items of each layer below or above their neighbours, as far as they don't overlap. */
function alignBySide(layers: readonly Item[][], side: Side): void {
  for (const layer of visit(layers, side)) {
    const wanted = layer.map((item) => middle(item[side]) ?? item.x);
    const fromLeft: number[] = [];
    for (const [index, item] of layer.entries()) {
      const before = layer[index - 1];
      const least = before === undefined ? -Infinity : (fromLeft[index - 1] ?? 0) + distance(before, item);
      fromLeft.push(Math.max(wanted[index] ?? 0, least));
    }
    let most = Infinity;
    for (const [index, item] of [...layer.entries()].toReversed()) {
      const x = Math.min(wanted[index] ?? 0, most);
      const before = layer[index - 1];
      if (before !== undefined) most = x - distance(before, item);
      // Both ways keep the distances, so their middle does.
      item.x = ((fromLeft[index] ?? 0) + x) / 2;
    }
  }
}

function middle(items: readonly Item[]): number | undefined {
  if (items.length === 0) return undefined;
  return items.reduce((sum, { x }) => sum + x, 0) / items.length;
}

function widthOf({ id }: Item): number {
  return id === undefined ? waypointWidth : cellSize.width;
}

function distance(left: Item, right: Item): number {
  return (widthOf(left) + widthOf(right)) / 2 + gap.between;
}

function finish(
  items: ReadonlyMap<string, Item>,
  layers: readonly Item[][],
  routes: readonly { readonly edge: GraphEdge; readonly route: readonly Item[] }[],
): GraphLayout {
  let [left, right] = [Infinity, -Infinity];
  for (const item of layers.flat()) {
    left = Math.min(left, item.x - widthOf(item) / 2);
    right = Math.max(right, item.x + widthOf(item) / 2);
  }
  const step = cellSize.height + gap.below;
  const pointOf = (item: Item): Point => ({ x: item.x - left, y: cellSize.height / 2 + item.layer * step });
  return {
    cells: new Map(Array.from(items, ([id, item]) => [id, pointOf(item)])),
    edges: routes.map(({ edge, route }) => ({ ...edge, points: ends(route.map(pointOf)) })),
    width: right - left,
    height: layers.length * step - gap.below,
  };
}

/** Edges begin at the lower side of a cell and end at the upper side of another. */
function ends(points: readonly Point[]): readonly Point[] {
  const half = cellSize.height / 2;
  return points.map(({ x, y }, index) =>
    index === 0 ? { x, y: y + half } : index === points.length - 1 ? { x, y: y - half } : { x, y },
  );
}

/**
 * @file A k-d tree (Bentley, "Multidimensional binary search trees used for associative searching", 1975; the distances of
 * boxes as in Arya and Mount, "Algorithms for fast vector quantization", 1993).
 *
 * Each node splits its rows in halves along the column of their largest spread, so that where a node's rows begin and end
 * follows from its place: children of node n are 2n + 1 and 2n + 2. Rows are copied in the order of the leaves.
 */
import type { Turns } from "../turns.ts";
import { selectPlace } from "./select-place.ts";
import { insertNearest } from "./nearest-list.ts";
import { PlaceList } from "./place-list.ts";
import type { Nearest, RowSearch, VisitNear } from "./row-search.ts";

const leafRows = 16;
/** What sums may lose: a box seems farther by no more than this than a row in it. */
const slack = 1 - 1e-12;
const queriesBetweenTurns = 64;

/** Rows in boxes. A search is synchronous: its state stands in the object until its query is answered. */
export class KdTree implements RowSearch {
  readonly #width: number;
  readonly #count: number;
  readonly #manhattan: boolean;
  /** The rows' places, and the rows, leaf by leaf. */
  readonly #places: Int32Array;
  readonly #rows: Float64Array;
  /** The column and the value by which each node above the leaves splits. */
  readonly #columns: Int32Array;
  readonly #values: Float64Array;
  readonly #levels: number;
  readonly #query: Float64Array;
  /** How far the query is from the box in each column. */
  readonly #offsets: Float64Array;
  /** The nearest so far. */
  #foundPlaces = new Int32Array(0);
  #foundDistances = new Float64Array(0);
  #k = 0;

  constructor(rows: Float64Array, count: number, width: number, manhattan: boolean) {
    this.#width = width;
    this.#count = count;
    this.#manhattan = manhattan;
    this.#query = new Float64Array(width);
    this.#offsets = new Float64Array(width);
    this.#places = new Int32Array(count);
    for (let place = 0; place < count; place++) this.#places[place] = place;
    this.#levels = Math.max(0, Math.ceil(Math.log2(count / leafRows)));
    this.#columns = new Int32Array(2 ** this.#levels - 1);
    this.#values = new Float64Array(this.#columns.length);
    this.#build(rows, 0, 0, count, new Float64Array(count));
    this.#rows = new Float64Array(count * width);
    for (let at = 0; at < count; at++) {
      const from = (this.#places[at] ?? 0) * width;
      for (let column = 0; column < width; column++)
        this.#rows[at * width + column] = rows[from + column] ?? 0;
    }
  }

  async nearest(queries: Float64Array, count: number, k: number, turns: Turns): Promise<Nearest> {
    const places = new Int32Array(count * k);
    const distances = new Float64Array(count * k);
    for (let query = 0; query < count; query++) {
      if (query % queriesBetweenTurns === 0 && turns.due) await turns.give();
      this.#begin(queries, query);
      this.#k = k;
      this.#foundPlaces = places.subarray(query * k, (query + 1) * k).fill(0x7fff_ffff);
      this.#foundDistances = distances.subarray(query * k, (query + 1) * k).fill(Infinity);
      this.#findNearest(0, 0, this.#count, 0);
    }
    return { places, distances };
  }

  async within(
    queries: Float64Array,
    count: number,
    radius: number,
    turns: Turns,
    visit: VisitNear,
  ): Promise<void> {
    const near = new PlaceList();
    for (let query = 0; query < count; query++) {
      if (query % queriesBetweenTurns === 0 && turns.due) await turns.give();
      this.#begin(queries, query);
      near.length = 0;
      this.#findWithin(0, 0, this.#count, 0, radius, near);
      visit(query, near.places, near.length);
    }
  }

  #begin(queries: Float64Array, query: number): void {
    const width = this.#width;
    for (let column = 0; column < width; column++) this.#query[column] = queries[query * width + column] ?? 0;
    this.#offsets.fill(0);
  }

  #findNearest(node: number, from: number, to: number, box: number): void {
    if (node >= this.#columns.length) {
      const k = this.#k;
      const places = this.#foundPlaces;
      const distances = this.#foundDistances;
      for (let row = from; row < to; row++) {
        const distance = this.#distance(row);
        const worst = distances[k - 1] ?? 0;
        if (distance > worst) continue;
        const place = this.#places[row] ?? 0;
        if (distance < worst || place < (places[k - 1] ?? 0))
          insertNearest(places, distances, 0, k, place, distance);
      }
      return;
    }
    const column = this.#columns[node] ?? 0;
    const beyond = (this.#query[column] ?? 0) - (this.#values[node] ?? 0);
    const middle = (from + to) >> 1;
    const low = 2 * node + 1;
    if (beyond < 0) this.#findNearest(low, from, middle, box);
    else this.#findNearest(low + 1, middle, to, box);
    const before = this.#offsets[column] ?? 0;
    const farther = this.#farther(box, before, beyond);
    if (farther * slack > (this.#foundDistances[this.#k - 1] ?? 0)) return;
    this.#offsets[column] = Math.abs(beyond);
    if (beyond < 0) this.#findNearest(low + 1, middle, to, farther);
    else this.#findNearest(low, from, middle, farther);
    this.#offsets[column] = before;
  }

  #findWithin(node: number, from: number, to: number, box: number, radius: number, near: PlaceList): void {
    if (node >= this.#columns.length) {
      for (let row = from; row < to; row++)
        if (this.#distance(row) <= radius) near.push(this.#places[row] ?? 0);
      return;
    }
    const column = this.#columns[node] ?? 0;
    const beyond = (this.#query[column] ?? 0) - (this.#values[node] ?? 0);
    const middle = (from + to) >> 1;
    const before = this.#offsets[column] ?? 0;
    const farther = this.#farther(box, before, beyond);
    const reaches = farther * slack <= radius;
    const [below, above] = beyond < 0 ? [box, farther] : [farther, box];
    if (beyond < 0 || reaches) {
      if (beyond >= 0) this.#offsets[column] = Math.abs(beyond);
      this.#findWithin(2 * node + 1, from, middle, below, radius, near);
      this.#offsets[column] = before;
    }
    if (beyond >= 0 || reaches) {
      if (beyond < 0) this.#offsets[column] = Math.abs(beyond);
      this.#findWithin(2 * node + 2, middle, to, above, radius, near);
      this.#offsets[column] = before;
    }
  }

  /** The distance of the box on the other side of a split. */
  #farther(box: number, before: number, beyond: number): number {
    return this.#manhattan ? box + Math.abs(beyond) - before : box + beyond * beyond - before * before;
  }

  #distance(row: number): number {
    const width = this.#width;
    const rows = this.#rows;
    const query = this.#query;
    const start = row * width;
    let sum = 0;
    if (this.#manhattan) {
      for (let column = 0; column < width; column++)
        sum += Math.abs((query[column] ?? 0) - (rows[start + column] ?? 0));
      return sum;
    }
    for (let column = 0; column < width; column++) {
      const difference = (query[column] ?? 0) - (rows[start + column] ?? 0);
      sum += difference * difference;
    }
    return sum;
  }

  /** `keys` is scratch, as the query's arrays are while the tree is built. */
  #build(rows: Float64Array, node: number, from: number, to: number, keys: Float64Array): void {
    if (node >= this.#columns.length) return;
    const width = this.#width;
    const places = this.#places;
    const column = this.#widest(rows, from, to);
    const middle = (from + to) >> 1;
    for (let at = from; at < to; at++) keys[at] = rows[(places[at] ?? 0) * width + column] ?? 0;
    selectPlace(keys, places, from, to, middle);
    this.#columns[node] = column;
    this.#values[node] = keys[middle] ?? 0;
    this.#build(rows, 2 * node + 1, from, middle, keys);
    this.#build(rows, 2 * node + 2, middle, to, keys);
  }

  /** The column of the largest spread. */
  #widest(rows: Float64Array, from: number, to: number): number {
    const width = this.#width;
    const lows = this.#query.fill(Infinity);
    const highs = this.#offsets.fill(-Infinity);
    for (let at = from; at < to; at++) {
      const start = (this.#places[at] ?? 0) * width;
      for (let column = 0; column < width; column++) {
        const value = rows[start + column] ?? 0;
        if (value < (lows[column] ?? 0)) lows[column] = value;
        if (value > (highs[column] ?? 0)) highs[column] = value;
      }
    }
    let widest = 0;
    for (let column = 1; column < width; column++)
      if ((highs[column] ?? 0) - (lows[column] ?? 0) > (highs[widest] ?? 0) - (lows[widest] ?? 0))
        widest = column;
    return widest;
  }
}

import type { Turns } from "../turns.ts";
import { insertNearest } from "./nearest-list.ts";
import { mostQueries, mostRows, PackedRows, type PairFunction } from "./packed-rows.ts";
import type { Nearest, RowSearch } from "./row-search.ts";

/** A search that computes the distance of every pair, in blocks that stay in the processor's cache. */
export class EveryPair implements RowSearch {
  readonly #rows: PackedRows;
  readonly #pair: PairFunction;

  /** @throws InvalidInputError for more than 4 GiB of rows */
  constructor(rows: Float64Array, count: number, width: number, manhattan: boolean) {
    this.#rows = new PackedRows(count, width);
    this.#rows.pack(rows);
    this.#pair = manhattan ? "absoluteDistances" : "squaredDistances";
  }

  async nearest(queries: Float64Array, count: number, k: number, turns: Turns): Promise<Nearest> {
    const places = new Int32Array(count * k).fill(0x7fff_ffff);
    const distances = new Float64Array(count * k).fill(Infinity);
    await this.#blocks(queries, count, turns, (query, from, start, found) => {
      const { results } = this.#rows;
      const list = query * k;
      let worst = distances[list + k - 1] ?? 0;
      for (let at = 0; at < found; at++) {
        const distance = results[start + at] ?? 0;
        // Rows come in ascending order: an equally near one is not before those that are there.
        if (distance >= worst) continue;
        insertNearest(places, distances, list, k, from + at, distance);
        worst = distances[list + k - 1] ?? 0;
      }
    });
    return { places, distances };
  }

  async within(
    queries: Float64Array,
    count: number,
    radius: number,
    turns: Turns,
    visit: (query: number, place: number) => void,
  ): Promise<void> {
    await this.#blocks(queries, count, turns, (query, from, start, found) => {
      const { results } = this.#rows;
      for (let at = 0; at < found; at++) if ((results[start + at] ?? 0) <= radius) visit(query, from + at);
    });
  }

  /** Calls back with each query's distances from the rows from `from` on: `found` results from `start` on. */
  async #blocks(
    queries: Float64Array,
    count: number,
    turns: Turns,
    take: (query: number, from: number, start: number, found: number) => void,
  ): Promise<void> {
    const rows = this.#rows;
    const { width } = rows;
    for (let first = 0; first < count; first += mostQueries) {
      const chunk = Math.min(mostQueries, count - first);
      for (let from = 0; from < rows.count; from += mostRows) {
        const to = Math.min(rows.count, from + mostRows);
        // Each time, since others may search while the event loop has its turn.
        rows.queries.set(queries.subarray(first * width, (first + chunk) * width));
        rows.compute(this.#pair, chunk, from, to);
        for (let query = 0; query < chunk; query++) take(first + query, from, query * mostRows, to - from);
        if (turns.due) await turns.give();
      }
    }
  }
}

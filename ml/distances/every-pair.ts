import type { Turns } from "../turns.ts";
import { insertNearest } from "./nearest-list.ts";
import { PlaceList } from "./place-list.ts";
import type { Nearest, RowSearch, VisitNear } from "./row-search.ts";
import { mostScreened, screenedRows, ScreenedRows } from "./screened-rows.ts";

/** A search that looks at every pair, in single precision, and measures those exactly that may be near. */
export class EveryPair implements RowSearch {
  readonly #rows: Float64Array;
  readonly #count: number;
  readonly #width: number;
  readonly #manhattan: boolean;
  readonly #screened: ScreenedRows;

  /** @throws InvalidInputError for more than 4 GiB of rows in single precision */
  constructor(rows: Float64Array, count: number, width: number, manhattan: boolean) {
    this.#rows = rows;
    this.#count = count;
    this.#width = width;
    this.#manhattan = manhattan;
    this.#screened = new ScreenedRows(rows, count, width, manhattan);
  }

  async nearest(queries: Float64Array, count: number, k: number, turns: Turns): Promise<Nearest> {
    const places = new Int32Array(count * k).fill(0x7fff_ffff);
    const distances = new Float64Array(count * k).fill(Infinity);
    for (let first = 0; first < count; first += mostScreened) {
      const chunk = Math.min(mostScreened, count - first);
      this.#screened.take(queries, first, chunk);
      for (let from = 0; from < this.#count; from += screenedRows) {
        this.#screen(chunk, from, (query) => distances[(first + query + 1) * k - 1] ?? 0);
        for (let query = 0; query < chunk; query++) {
          const list = (first + query) * k;
          let worst = distances[list + k - 1] ?? 0;
          this.#each(queries, first + query, query, (place, distance) => {
            // Rows come in ascending order: an equally near one is not before those that are there.
            if (distance >= worst) return;
            insertNearest(places, distances, list, k, place, distance);
            worst = distances[list + k - 1] ?? 0;
          });
        }
        if (!turns.due) continue;
        await turns.give();
        // Others may have searched meanwhile.
        this.#screened.take(queries, first, chunk);
      }
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
    const near = Array.from({ length: mostScreened }, () => new PlaceList());
    for (let first = 0; first < count; first += mostScreened) {
      const chunk = Math.min(mostScreened, count - first);
      this.#screened.take(queries, first, chunk);
      for (let from = 0; from < this.#count; from += screenedRows) {
        this.#screen(chunk, from, () => radius);
        for (const [query, list] of near.entries())
          if (query < chunk)
            this.#each(queries, first + query, query, (place, distance) => {
              if (distance <= radius) list.push(place);
            });
        if (!turns.due) continue;
        await turns.give();
        // Others may have searched meanwhile.
        this.#screened.take(queries, first, chunk);
      }
      for (let query = 0; query < chunk; query++) {
        const list = near[query];
        if (!list) continue;
        visit(first + query, list.places, list.length);
        list.length = 0;
      }
    }
  }

  /** Lists the rows that may be near the queries that were taken. */
  #screen(chunk: number, from: number, limitOf: (query: number) => number): void {
    for (let query = 0; query < chunk; query++) this.#screened.limit(query, limitOf(query));
    this.#screened.screen(chunk, from);
  }

  /** Calls back with each row that was listed for a query, and its distance. */
  #each(
    queries: Float64Array,
    query: number,
    listed: number,
    take: (place: number, distance: number) => void,
  ): void {
    const { lists, lengths } = this.#screened;
    const start = listed * screenedRows;
    const end = start + (lengths[listed] ?? 0);
    for (let at = start; at < end; at++) {
      const place = lists[at] ?? 0;
      if (place < this.#count) take(place, this.#distance(queries, query, place));
    }
  }

  #distance(queries: Float64Array, query: number, place: number): number {
    const width = this.#width;
    let sum = 0;
    for (let a = query * width, b = place * width; a < (query + 1) * width; a++, b++) {
      const difference = (queries[a] ?? 0) - (this.#rows[b] ?? 0);
      sum += this.#manhattan ? Math.abs(difference) : difference * difference;
    }
    return sum;
  }
}

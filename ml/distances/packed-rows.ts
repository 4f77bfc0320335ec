/**
 * @file Rows packed for the compiled kernels, which tell a number for each pair of a query and a row: product, squared
 * Euclidean distance, or the sum of absolute differences. All are in doubles, and each is the same whatever pairs are
 * computed with it.
 */
import { KernelMemory, type DistanceKernels } from "./kernels.ts";

/** What is computed of a query and a row. */
export type PairFunction = "products" | "squaredDistances" | "absoluteDistances";

/** Queries that are taken at a time; results are of at most as many, and of as many rows. */
export const mostQueries = 64;
/** Rows that are taken at a time. */
export const mostRows = 512;

/** See the file's header. */
export class PackedRows {
  readonly width: number;
  readonly count: number;
  /** Where queries go before a computation: one after the other, {@link mostQueries} at most. */
  readonly queries: Float64Array;
  /** The results: those of a query begin at a multiple of {@link mostRows}. */
  readonly results: Float64Array;
  /** Of {@link nearestTwo}: for each query the place of its smallest result. */
  readonly nearestPlaces: Int32Array;
  /** Of {@link nearestTwo}: for each query its smallest result, then the second smallest. */
  readonly nearestResults: Float64Array;
  readonly #kernels: DistanceKernels;
  readonly #panels: Float64Array;

  /**
   * @param count how many rows there are to be
   * @param width the numbers of each
   * @throws InvalidInputError where they are more than 4 GiB of doubles
   */
  constructor(count: number, width: number) {
    this.count = count;
    this.width = width;
    const queries = mostQueries * width;
    const results = mostQueries * mostRows;
    const panels = Math.ceil(count / 4) * 4 * width;
    const sizes = [results, queries, panels, mostQueries, 2 * mostQueries];
    const memory = new KernelMemory(sizes.map((size) => size * 8));
    this.results = memory.doubles(results);
    this.queries = memory.doubles(queries);
    this.#panels = memory.doubles(panels);
    this.nearestPlaces = memory.integers(mostQueries);
    this.nearestResults = memory.doubles(2 * mostQueries);
    this.#kernels = memory.kernels;
  }

  /** Packs rows, one after the other in an array, as those from `first` on. */
  pack(rows: Float32Array | Float64Array, first = 0): void {
    const { width } = this;
    const panels = this.#panels;
    const count = Math.floor(rows.length / width);
    for (let row = 0; row < count; row++) {
      const place = first + row;
      let to = (place >> 2) * 4 * width + (place & 3);
      for (let at = row * width; at < (row + 1) * width; at++, to += 4) panels[to] = rows[at] ?? 0;
    }
  }

  /** Packs rows that stand in an array column by column: the first numbers of all rows, then the second ones, …. */
  packColumns(columns: Float64Array): void {
    const { width, count } = this;
    const panels = this.#panels;
    for (let column = 0, at = 0; column < width; column++)
      for (let row = 0; row < count; row++, at++)
        panels[(row >> 2) * 4 * width + 4 * column + (row & 3)] = columns[at] ?? 0;
  }

  /**
   * Computes the pairs of the first `count` queries and the rows from `from`, a multiple of 4, to `to`: at most
   * {@link mostRows}. The result of query q and row `from + r` is at `q * mostRows + r` of {@link results}.
   */
  compute(pair: PairFunction, count: number, from: number, to: number): void {
    const { width } = this;
    const panels = this.#panels.byteOffset + from * width * 8;
    const { byteOffset } = this.results;
    const panelCount = Math.ceil((to - from) / 4);
    const stride = mostRows * 8;
    this.#kernels[pair](this.queries.byteOffset, count, panels, panelCount, width, byteOffset, stride);
  }

  /** Finds the smallest and the second smallest of the first `rows` results of the first `count` queries. */
  nearestTwo(count: number, rows: number): void {
    const { results, nearestPlaces, nearestResults } = this;
    const stride = mostRows * 8;
    const [places, smallest] = [nearestPlaces.byteOffset, nearestResults.byteOffset];
    this.#kernels.nearestTwo(results.byteOffset, count, stride, rows, places, smallest);
  }
}

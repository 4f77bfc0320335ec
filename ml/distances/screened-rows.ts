/**
 * @file Rows packed in single precision, of which the compiled kernels tell those that may be near queries. Rows and queries
 * are taken less the rows' means, and limits are raised by what rounding may have added: no row that is near is missed.
 */
import { KernelMemory, type DistanceKernels } from "./kernels.ts";

/** Queries that are taken at a time. */
export const mostScreened = 64;
/** Rows that are taken at a time. */
export const screenedRows = 512;

/** What single precision rounds off, at most, of the size of a number, and of one near 0. */
const rounding = 2 ** -24;
const leastRounding = 2 ** -149;
/** Numbers of a larger size have squares that single precision lacks: they screen nothing. */
const mostSize = 1e17;

/** See the file's header. */
export class ScreenedRows {
  readonly #width: number;
  readonly #count: number;
  readonly #manhattan: boolean;
  readonly #means: Float64Array;
  /** The largest size of a number of the rows, less the means. */
  readonly #largest: number;
  readonly #kernels: DistanceKernels;
  readonly #panels: Float32Array;
  readonly #queries: Float32Array;
  readonly #limits: Float32Array;
  /** The largest size of a number of the queries, less the means. */
  #largestQuery = 0;
  /** The rows found for query q: as many as `lengths[q]`, from `q * screenedRows` on; some may be beyond the last row. */
  readonly lists: Int32Array;
  readonly lengths: Int32Array;

  /** @throws InvalidInputError for more than 4 GiB */
  constructor(rows: Float64Array, count: number, width: number, manhattan: boolean) {
    this.#width = width;
    this.#count = count;
    this.#manhattan = manhattan;
    const panels = Math.ceil(count / 8) * 8 * width;
    const queries = mostScreened * width;
    const lists = mostScreened * screenedRows;
    const sizes = [panels, queries, mostScreened, lists, mostScreened];
    const memory = new KernelMemory(sizes.map((size) => size * 4));
    this.#panels = memory.floats(panels);
    this.#queries = memory.floats(queries);
    this.#limits = memory.floats(mostScreened);
    this.lists = memory.integers(lists);
    this.lengths = memory.integers(mostScreened);
    this.#kernels = memory.kernels;
    this.#means = meansOf(rows, count, width);
    this.#largest = this.#pack(rows);
  }

  #pack(rows: Float64Array): number {
    const width = this.#width;
    let largest = 0;
    for (let row = 0; row < this.#count; row++) {
      let to = (row >> 3) * 8 * width + (row & 7);
      for (let column = 0; column < width; column++, to += 8) {
        const value = (rows[row * width + column] ?? 0) - (this.#means[column] ?? 0);
        this.#panels[to] = value;
        largest = Math.max(largest, Math.abs(value));
      }
    }
    if (!(largest < mostSize)) this.#panels.fill(0);
    return largest;
  }

  /** Takes queries, at most {@link mostScreened}: those from row `first` on. */
  take(queries: Float64Array, first: number, count: number): void {
    const width = this.#width;
    this.#largestQuery = 0;
    for (let at = 0; at < count * width; at++) {
      const value = (queries[first * width + at] ?? 0) - (this.#means[at % width] ?? 0);
      this.#queries[at] = value;
      this.#largestQuery = Math.max(this.#largestQuery, Math.abs(value));
    }
    if (!(this.#largestQuery < mostSize)) this.#queries.fill(0);
  }

  /** Sets how far rows may be from a query: a reduced distance, or Infinity. */
  limit(query: number, distance: number): void {
    const width = this.#width;
    // Each number, each difference and each sum is rounded; a difference is at most the sum of both sizes wrong by this.
    const off = 4 * rounding * (this.#largest + this.#largestQuery);
    const sums = distance * (1 + 4 * (width + 4) * rounding);
    const raised = this.#manhattan
      ? sums + 2 * width * off
      : sums + 4 * Math.sqrt(distance * width) * off + 2 * width * off * off;
    const isScreened = raised < mostSize ** 2 && Math.max(this.#largest, this.#largestQuery) < mostSize;
    this.#limits[query] = isScreened ? raised * (1 + 2 * rounding) + 4 * width * leastRounding : Infinity;
  }

  /** Lists the rows from `from`, a multiple of 8, to at most {@link screenedRows} farther that may be within the limits. */
  screen(count: number, from: number): void {
    this.lengths.fill(0);
    const to = Math.min(this.#count, from + screenedRows);
    this.#kernels[this.#manhattan ? "nearAbsolutes" : "nearSquares"](
      this.#queries.byteOffset,
      count,
      this.#panels.byteOffset + from * this.#width * 4,
      Math.ceil((to - from) / 8),
      this.#width,
      this.#limits.byteOffset,
      from,
      this.lists.byteOffset,
      screenedRows,
      this.lengths.byteOffset,
    );
  }
}

function meansOf(rows: Float64Array, count: number, width: number): Float64Array {
  const means = new Float64Array(width);
  for (let row = 0; row < count; row++)
    for (let column = 0; column < width; column++)
      means[column] = (means[column] ?? 0) + (rows[row * width + column] ?? 0) / count;
  return means;
}

/**
 * @file Rows packed in single precision, of which the compiled kernels tell those that may be near queries: none that is near
 * is missed, few others are told.
 *
 * Rows and queries are taken less the rows' means. A squared distance is at most a limit where the product of query and
 * row, less half the row's square, is at least half of what the query's square has more than the limit. What rounding may
 * have taken off a product is at most a share of both squares: the row's part is added to what its product begins with,
 * the query's part is taken off its limit.
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
const mostSize = 1e15;

/** See the file's header. */
export class ScreenedRows {
  readonly #width: number;
  readonly #count: number;
  readonly #manhattan: boolean;
  readonly #means: Float64Array;
  readonly #kernels: DistanceKernels;
  readonly #panels: Float32Array;
  /** What each row's product begins with. */
  readonly #starts: Float32Array;
  readonly #queries: Float32Array;
  readonly #limits: Float32Array;
  /** The square, or under the Manhattan distance the size, of each query; Infinity where nothing can be screened. */
  readonly #sizes = new Float64Array(mostScreened);
  /** What rounding takes off at most, as a share of the sizes. */
  readonly #share: number;
  readonly #isScreened: boolean;
  /** The rows found for query q: as many as `lengths[q]`, from `q * screenedRows` on; some may be beyond the last row. */
  readonly lists: Int32Array;
  readonly lengths: Int32Array;

  /** @throws InvalidInputError for more than 4 GiB */
  constructor(rows: Float64Array, count: number, width: number, manhattan: boolean) {
    this.#width = width;
    this.#count = count;
    this.#manhattan = manhattan;
    // Each number is rounded once, and each sum as often as there are columns; twice that, to be on the safe side.
    this.#share = 4 * (width + 8) * rounding;
    const places = Math.ceil(count / 8) * 8;
    const queries = mostScreened * width;
    const lists = mostScreened * screenedRows;
    const sizes = [places * width, places, queries, mostScreened, lists, mostScreened];
    const memory = new KernelMemory(sizes.map((size) => size * 4));
    this.#panels = memory.floats(places * width);
    this.#starts = memory.floats(places);
    this.#queries = memory.floats(queries);
    this.#limits = memory.floats(mostScreened);
    this.lists = memory.integers(lists);
    this.lengths = memory.integers(mostScreened);
    this.#kernels = memory.kernels;
    this.#means = meansOf(rows, count, width);
    this.#isScreened = this.#pack(rows);
  }

  /** Tells whether the rows can be screened. */
  #pack(rows: Float64Array): boolean {
    const width = this.#width;
    const means = this.#means;
    let largest = 0;
    for (let row = 0; row < this.#count; row++) {
      let to = (row >> 3) * 8 * width + (row & 7);
      let size = 0;
      for (let column = 0; column < width; column++, to += 8) {
        const value = (rows[row * width + column] ?? 0) - (means[column] ?? 0);
        this.#panels[to] = value;
        largest = Math.max(largest, Math.abs(value));
        size += this.#manhattan ? Math.abs(value) : value * value;
      }
      this.#starts[row] = (this.#manhattan ? 0 : -size / 2) + this.#share * size;
    }
    if (largest < mostSize) return true;
    this.#panels.fill(0);
    this.#starts.fill(0);
    return false;
  }

  /** Takes queries, at most {@link mostScreened}: those from row `first` on. */
  take(queries: Float64Array, first: number, count: number): void {
    const width = this.#width;
    const means = this.#means;
    for (let query = 0; query < count; query++) {
      let size = 0;
      let largest = 0;
      for (let column = 0, at = query * width; column < width; column++, at++) {
        const value = (queries[first * width + at] ?? 0) - (means[column] ?? 0);
        this.#queries[at] = value;
        largest = Math.max(largest, Math.abs(value));
        size += this.#manhattan ? Math.abs(value) : value * value;
      }
      const isScreened = this.#isScreened && largest < mostSize;
      if (!isScreened) this.#queries.fill(0, query * width, (query + 1) * width);
      this.#sizes[query] = isScreened ? size : Infinity;
    }
  }

  /** Sets how far rows may be from a query: a reduced distance, or Infinity. */
  limit(query: number, distance: number): void {
    const size = this.#sizes[query] ?? 0;
    if (size === Infinity || distance === Infinity) {
      this.#limits[query] = -Infinity;
      return;
    }
    const limit = this.#manhattan ? -distance : (size - distance) / 2;
    const off = this.#share * (size + Math.abs(limit)) + 4 * this.#width * leastRounding;
    this.#limits[query] = limit - off;
  }

  /** Lists the rows from `from`, a multiple of 8, to at most {@link screenedRows} farther that may be within the limits. */
  screen(count: number, from: number): void {
    this.lengths.fill(0);
    const to = Math.min(this.#count, from + screenedRows);
    this.#kernels[this.#manhattan ? "nearAbsolutes" : "nearProducts"](
      this.#queries.byteOffset,
      count,
      this.#panels.byteOffset + from * this.#width * 4,
      this.#starts.byteOffset + from * 4,
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

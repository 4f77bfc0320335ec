/**
 * @file Rows packed for the compiled kernels, which tell a number for each pair of a query and a row: product, squared
 * Euclidean distance, or the sum of absolute differences. All are in doubles, and each is the same whatever pairs are
 * computed with it.
 */
import { readFileSync } from "node:fs";
import { InvalidInputError } from "../errors.ts";

/** What is computed of a query and a row. */
export type PairFunction = "products" | "squaredDistances" | "absoluteDistances";

/** Queries that are taken at a time; results are of at most as many, and of as many rows. */
export const mostQueries = 64;
/** Rows that are taken at a time. */
export const mostRows = 512;

type Kernel = (
  queries: number,
  count: number,
  panels: number,
  panelCount: number,
  width: number,
  out: number,
  stride: number,
) => void;
type Kernels = Readonly<Record<PairFunction, Kernel>>;

const pageBytes = 65_536;
const mostPages = 65_535;
let compiled: WebAssembly.Module | undefined;

/** See the file's header. */
export class PackedRows {
  readonly width: number;
  readonly count: number;
  /** Where queries go before a computation: one after the other, {@link mostQueries} at most. */
  readonly queries: Float64Array;
  /** The results: those of a query begin at a multiple of {@link mostRows}. */
  readonly results: Float64Array;
  readonly #kernels: Kernels;
  readonly #panels: Float64Array;

  /**
   * @param count how many rows there are to be
   * @param width the numbers of each
   * @throws {@link InvalidInputError} where they are more than 4 GiB of doubles
   */
  constructor(count: number, width: number) {
    this.count = count;
    this.width = width;
    const queries = mostQueries * width;
    const results = mostQueries * mostRows;
    const panels = Math.ceil(count / 4) * 4 * width;
    const pages = Math.ceil(((queries + results + panels) * 8) / pageBytes);
    if (pages > mostPages)
      throw new InvalidInputError(`${count} rows of ${width} columns are more than 4 GiB: take fewer`);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.results = new Float64Array(memory.buffer, 0, results);
    this.queries = new Float64Array(memory.buffer, results * 8, queries);
    this.#panels = new Float64Array(memory.buffer, (results + queries) * 8, panels);
    compiled ??= load();
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    // SAFETY: the module is built with this file, from sources whose exports have these parameters.
    this.#kernels = exports as unknown as Kernels;
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

  /**
   * Computes the pairs of the first `count` queries and the rows from `from`, a multiple of 4, to `to`: at most
   * {@link mostRows}. The result of query q and row `from + r` is at `q * mostRows + r` of {@link results}.
   */
  compute(of: PairFunction, count: number, from: number, to: number): void {
    const { width } = this;
    const panels = this.#panels.byteOffset + from * width * 8;
    this.#kernels[of](
      this.queries.byteOffset,
      count,
      panels,
      Math.ceil((to - from) / 4),
      width,
      0,
      mostRows * 8,
    );
  }
}

function load(): WebAssembly.Module {
  const file = new URL("./kernels.wasm", import.meta.url);
  try {
    return new WebAssembly.Module(readFileSync(file));
  } catch (cause) {
    throw new RowKernelsError(
      "the compiled kernels of rows cannot be read: install tenon again, or `npm run build` where it is a checkout",
      { cause },
    );
  }
}

/** The compiled kernels are missing or damaged. */
export class RowKernelsError extends Error {
  override readonly name = "RowKernelsError";
}

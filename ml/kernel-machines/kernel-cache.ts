import type { KernelRows } from "./kernel-function.ts";

/** As many bytes of kernels are kept at most, as libsvm does. */
const mostBytes = 200 * 2 ** 20;

/** The kernels of each row and all rows; those that were used last are kept. */
export class KernelCache {
  readonly #rows: Float64Array;
  readonly #width: number;
  readonly #kernels: KernelRows;
  readonly #most: number;
  /** In the order of their last use. */
  readonly #kept = new Map<number, Float64Array>();

  /** @param rows the rows that `kernels` has */
  constructor(kernels: KernelRows, rows: Float64Array) {
    this.#kernels = kernels;
    this.#rows = rows;
    this.#width = rows.length / kernels.count;
    // A step needs two at a time.
    this.#most = Math.max(2, Math.floor(mostBytes / (8 * kernels.count)));
  }

  /** The kernels of a row and each row. Two calls later it may be overwritten. */
  row(row: number): Float64Array {
    const kept = this.#kept.get(row);
    if (kept) {
      this.#kept.delete(row);
      this.#kept.set(row, kept);
      return kept;
    }
    const values = this.#free() ?? new Float64Array(this.#kernels.count);
    this.#kernels.compare(this.#rows, row, 1, values);
    this.#kept.set(row, values);
    return values;
  }

  /** The array of the row that was used longest ago, where there are as many as may be. */
  #free(): Float64Array | undefined {
    if (this.#kept.size < this.#most) return undefined;
    const [oldest] = this.#kept;
    if (!oldest) return undefined;
    this.#kept.delete(oldest[0]);
    return oldest[1];
  }

  /** The kernel of each row and itself. */
  diagonal(): Float64Array {
    const { kernel, count } = this.#kernels;
    const width = this.#width;
    return Float64Array.from({ length: count }, (_, row) => {
      if (kernel.kernel === "rbf") return 1;
      let product = 0;
      for (let at = row * width; at < (row + 1) * width; at++) product += (this.#rows[at] ?? 0) ** 2;
      if (kernel.kernel === "linear") return product;
      const scaled = kernel.gamma * product + kernel.coef0;
      return kernel.kernel === "poly" ? scaled ** kernel.degree : Math.tanh(scaled);
    });
  }
}

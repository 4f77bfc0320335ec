/** @file The times of the last calls. */

const kept = 256;
const enough = 20;

/** Times of calls in milliseconds. */
export class RecentTimes {
  readonly #times = new Float64Array(kept);
  #count = 0;
  #sorted: Float64Array | undefined;

  add(milliseconds: number): void {
    this.#times[this.#count % kept] = milliseconds;
    this.#count += 1;
    // Sorted again now and then: the quantile of many calls moves slowly.
    if (this.#count % 16 === 0) this.#sorted = undefined;
  }

  /** The quantile `q` of the last calls; undefined while there were too few. */
  quantile(q: number): number | undefined {
    if (this.#count < enough) return undefined;
    this.#sorted ??= this.#times.slice(0, Math.min(this.#count, kept)).sort();
    return this.#sorted[Math.min(this.#sorted.length - 1, Math.floor(q * this.#sorted.length))];
  }
}

/** @file Calls and failures within the last while, counted in ten parts of the time, of which the oldest is forgotten. */

const parts = 10;

/** Counts of a window that moves on. Times are milliseconds of a clock that never goes back. */
export class RollingCounts {
  readonly #partLength: number;
  readonly #totals = new Float64Array(parts);
  readonly #failures = new Float64Array(parts);
  #current = 0;

  constructor(windowLength: number) {
    this.#partLength = windowLength / parts;
  }

  add(isFailure: boolean, now: number): void {
    this.#moveTo(now);
    const at = this.#current % parts;
    this.#totals[at] = (this.#totals[at] ?? 0) + 1;
    if (isFailure) this.#failures[at] = (this.#failures[at] ?? 0) + 1;
  }

  read(now: number): { readonly total: number; readonly failures: number } {
    this.#moveTo(now);
    let [total, failures] = [0, 0];
    for (let at = 0; at < parts; at++) {
      total += this.#totals[at] ?? 0;
      failures += this.#failures[at] ?? 0;
    }
    return { total, failures };
  }

  clear(): void {
    this.#totals.fill(0);
    this.#failures.fill(0);
  }

  #moveTo(now: number): void {
    const part = Math.floor(now / this.#partLength);
    if (part === this.#current) return;
    for (let passed = Math.max(this.#current + 1, part - parts + 1); passed <= part; passed++) {
      this.#totals[passed % parts] = 0;
      this.#failures[passed % parts] = 0;
    }
    this.#current = Math.max(this.#current, part);
  }
}

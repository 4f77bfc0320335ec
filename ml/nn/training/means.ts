/** @file Means over the rows of an epoch. */
import type { Measures } from "./epoch.ts";
import type { StepsResult } from "./training.ts";

/** Means over rows of what batches of different sizes gave. */
export class Means {
  #rows = 0;
  #loss = 0;
  readonly #metrics = new Map<string, number>();

  /** Adds what batches of so many rows gave. */
  add({ losses, metrics, metricNames }: StepsResult, batchSize: number): void {
    for (const loss of losses) this.#loss += loss * batchSize;
    for (const [index, name] of metricNames.entries()) {
      let sum = this.#metrics.get(name) ?? 0;
      for (const value of metrics[index] ?? []) sum += value * batchSize;
      this.#metrics.set(name, sum);
    }
    this.#rows += losses.length * batchSize;
  }

  /** The means. */
  result(): Measures {
    return {
      loss: this.#loss / this.#rows,
      metrics: Object.fromEntries([...this.#metrics].map(([name, sum]) => [name, sum / this.#rows])),
    };
  }
}

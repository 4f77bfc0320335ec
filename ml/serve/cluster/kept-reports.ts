/**
 * @file What workers counted, also those that have ended or don't answer just now: a sum that went down would be taken for a start
 * from zero by who reads it, and all would be counted a second time.
 */
import { mergeMetrics } from "../observe/merge-metrics.ts";
import type { MetricSnapshot } from "../observe/metrics.ts";

/** The last report of each worker that runs, and what the others had counted. */
export class KeptReports {
  readonly #last = new Map<number, readonly MetricSnapshot[]>();
  #departed: readonly MetricSnapshot[] = [];

  /** Keeps what a worker reports. */
  keep(worker: number, metrics: readonly MetricSnapshot[]): void {
    this.#last.set(worker, metrics);
  }

  /** What a worker reported last; nothing where it never did. */
  lastOf(worker: number): readonly MetricSnapshot[] {
    return this.#last.get(worker) ?? [];
  }

  /** What workers that have ended had counted; their gauges ended with them. */
  get departed(): readonly MetricSnapshot[] {
    return this.#departed;
  }

  /** A worker has ended. */
  end(worker: number): void {
    const counted = this.lastOf(worker).filter(({ kind }) => kind !== "gauge");
    this.#last.delete(worker);
    this.#departed = mergeMetrics([this.#departed, counted]);
  }
}

/** @file The points of metrics as W&B's rows of history: one for each step, in ascending order, with all metrics of the step. */
import type { MetricPoint } from "../run-records.ts";

/** The metrics of one step. */
export interface HistoryRow {
  readonly step: number;
  /** Milliseconds since 1970: the latest point's. */
  readonly timestamp: number;
  readonly values: ReadonlyMap<string, number>;
}

/**
 * Rows of metrics. W&B has one value of a metric for a step, and steps from 0: of several points of one step the latest counts; a metric
 * whose points all are of one step, as where none was given, is counted on from it; steps below 0 move all up.
 */
export function historyRows(history: ReadonlyMap<string, readonly MetricPoint[]>): readonly HistoryRow[] {
  const rows = new Map<number, { timestamp: number; readonly values: Map<string, number> }>();
  for (const [key, points] of history) {
    const [first] = points;
    const isCounted = points.length > 1 && points.every(({ step }) => step === first?.step);
    for (const [at, { step, timestamp, value }] of points.entries()) {
      const place = isCounted ? step + at : step;
      const row = rows.get(place) ?? { timestamp, values: new Map<string, number>() };
      row.values.set(key, value);
      row.timestamp = Math.max(row.timestamp, timestamp);
      rows.set(place, row);
    }
  }
  const sorted = [...rows].sort(([a], [b]) => a - b);
  const shift = Math.min(0, sorted[0]?.[0] ?? 0);
  return sorted.map(([step, { timestamp, values }]) => ({ step: step - shift, timestamp, values }));
}

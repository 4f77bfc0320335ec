/** @file A run with all points of its metrics: what every export is made of. */
import { InvalidInputError } from "../../errors.ts";
import type { MetricPoint, RunRecord } from "../run-records.ts";
import { getMetricHistory, getRun, type StoreOptions } from "../search.ts";

/** A run as it stands in its store. */
export interface RecordedRun extends RunRecord {
  /** The points of each metric, by step and then by time. */
  readonly history: ReadonlyMap<string, readonly MetricPoint[]>;
}

/**
 * Reads a run whole.
 * @throws TrackingError where the store has no such run, or doesn't answer; {@link InvalidInputError} for an id that is no file's name
 */
export async function recordedRun(runId: string, options: StoreOptions): Promise<RecordedRun> {
  const record = await getRun(runId, options);
  // It becomes the name of files.
  if (!/^[\w-]{1,64}$/.test(record.info.runId))
    throw new InvalidInputError(`the id of run ${JSON.stringify(record.info.runId)} can't name a file`);
  const history = new Map<string, readonly MetricPoint[]>();
  for (const key of Object.keys(record.data.metrics).sort(byCodes)) {
    const points = [...(await getMetricHistory(runId, key, options))];
    history.set(
      key,
      points.sort((a, b) => a.step - b.step || a.timestamp - b.timestamp),
    );
  }
  return { ...record, history };
}

/** The order of texts in which files are written, the same everywhere. */
export const byCodes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What a param's text stands for: numbers and truth values as such, all else as the text. */
export function paramValue(text: string): string | number | boolean {
  if (text === "true") return true;
  if (text === "false") return false;
  const value = Number(text);
  return text.trim() !== "" &&
    Number.isFinite(value) &&
    /^[-+\d.]/.test(text) &&
    !/^[-+]?0[xXbBoO\d]/.test(text)
    ? value
    : text;
}

/** Texts by name, without those that are absent. */
export function texts(
  values: Readonly<Record<string, string | undefined>>,
): readonly (readonly [string, string])[] {
  return Object.entries(values)
    .flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
    .sort(([a], [b]) => byCodes(a, b));
}

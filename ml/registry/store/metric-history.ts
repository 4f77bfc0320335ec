/** @file Histories of metrics, as MLflow's JSON: all points of a run, of several runs, or a sample of them. */
import { offsetOf, pageToken } from "../search/page-token.ts";
import { valueJson } from "./run-json.ts";
import type { Store } from "./store.ts";

const point = `json_object('key', key, 'value', ${valueJson}, 'timestamp', timestamp, 'step', step)`;
const pointOfRun = `json_object('key', key, 'value', ${valueJson}, 'timestamp', timestamp, 'step', step,
  'run_id', ?)`;
const inOrder = "ORDER BY timestamp, step, value";

/** Points as a JSON array, and the token of the page that follows. */
export interface HistoryPage {
  readonly json: string;
  readonly nextPageToken: string | undefined;
}

/** All points of a metric of a run in time's order, or a page of them. There are none where the run is not there. */
export function metricHistory(
  store: Store,
  runId: string,
  key: string,
  maxResults: number | undefined,
  token: string | undefined,
): HistoryPage {
  const runNo = numberOf(store, runId);
  const offset = offsetOf(token);
  if (runNo === undefined) return { json: "[]", nextPageToken: undefined };
  const select = "SELECT * FROM points WHERE run_no = ? AND key = ?";
  const json = String(
    store.database.row(
      `SELECT json_group_array(${point}) FROM (${select} ${inOrder} LIMIT ? OFFSET ?)`,
      runNo,
      key,
      maxResults ?? -1,
      offset,
    )?.[0],
  );
  const end = offset + (maxResults ?? 0);
  const more =
    maxResults !== undefined &&
    store.database.row(`${select} ${inOrder} LIMIT 1 OFFSET ?`, runNo, key, end) !== undefined;
  return { json, nextPageToken: more ? pageToken(end) : undefined };
}

/** The points of a metric of several runs as a JSON array, by run and time, up to a number. */
export function metricHistories(
  store: Store,
  runIds: readonly string[],
  key: string,
  maxResults: number,
): string {
  const parts: string[] = [];
  let left = maxResults;
  for (const runId of [...new Set(runIds)].toSorted()) {
    const runNo = numberOf(store, runId);
    if (runNo === undefined || left <= 0) continue;
    const rows = store.database.texts(
      `SELECT ${pointOfRun} FROM points WHERE run_no = ? AND key = ? ${inOrder} LIMIT ?`,
      runId,
      runNo,
      key,
      left,
    );
    left -= rows.length;
    parts.push(...rows);
  }
  return `[${parts.join(",")}]`;
}

export interface Sample {
  /** At most this many points of each run, the first and the last among them. */
  readonly maxResults: number;
  /** Steps from the first to the last of these two, all where not given. */
  readonly steps: readonly [first: number, last: number] | undefined;
}

/**
 * Points of a metric of several runs as a JSON array, by step: of each run the first point of each of `maxResults` equal
 * parts of its history, and its last point in place of the last part's.
 */
export function sampledHistories(
  store: Store,
  runIds: readonly string[],
  key: string,
  { maxResults, steps }: Sample,
): string {
  const order = "ORDER BY step, timestamp, value, is_nan";
  const sql = `
    WITH chosen AS (SELECT *, row_number() OVER (${order}) AS place, count(*) OVER () AS total FROM points
      WHERE run_no = ? AND key = ? AND step BETWEEN ? AND ?),
    parts AS (SELECT *, ntile(?) OVER (${order}) AS part FROM chosen),
    firsts AS (SELECT *, row_number() OVER (PARTITION BY part ${order}) AS place_in_part FROM parts)
    SELECT ${pointOfRun}, place = total FROM firsts WHERE place_in_part = 1 OR place = total ${order}`;
  const [first, last] = steps ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  const points = runIds.flatMap((runId) => {
    const runNo = numberOf(store, runId);
    if (runNo === undefined) return [];
    const rows = store.database
      .rows(sql, runNo, key, first, last, maxResults, runId)
      .map(([json]) => String(json));
    // The last point takes the place of the last part's first.
    return rows.length > maxResults ? [...rows.slice(0, maxResults - 1), ...rows.slice(-1)] : rows;
  });
  return `[${points.join(",")}]`;
}

function numberOf({ database }: Store, runId: string): number | undefined {
  const row = database.row("SELECT run_no FROM runs WHERE run_id = ?", runId);
  return row === undefined ? undefined : Number(row[0]);
}

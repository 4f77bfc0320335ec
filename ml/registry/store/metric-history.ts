/** @file Histories of metrics, as MLflow's JSON: all points of a run, of several runs, or a sample of them. */
import { offsetOf, pageToken } from "../search/page-token.ts";
import type { Dialect } from "./dialect.ts";
import { valueJson } from "./run-json.ts";
import type { Store } from "./store.ts";

function pointSql(dialect: Dialect, more = ""): string {
  return dialect.object(
    `'key', key, 'value', ${valueJson(dialect)}, 'timestamp', timestamp, 'step', step${more}`,
  );
}
const pointOfRun = (dialect: Dialect): string => pointSql(dialect, ", 'run_id', CAST(? AS TEXT)");
const inOrder = "ORDER BY timestamp, step, value";

/** Points as a JSON array, and the token of the page that follows. */
export interface HistoryPage {
  readonly json: string;
  readonly nextPageToken: string | undefined;
}

/** All points of a metric of a run in time's order, or a page of them. There are none where the run is not there. */
export async function metricHistory(
  store: Store,
  runId: string,
  key: string,
  maxResults: number | undefined,
  token: string | undefined,
): Promise<HistoryPage> {
  const runNo = await numberOf(store, runId);
  const offset = offsetOf(token);
  if (runNo === undefined) return { json: "[]", nextPageToken: undefined };
  const select = "SELECT * FROM points WHERE run_no = ? AND key = ?";
  const { dialect } = store.database;
  const points = `(${select} ${inOrder} LIMIT ? OFFSET ?) AS chosen`;
  const row = await store.database.row(
    `SELECT ${dialect.listInOrder(pointSql(dialect), points, "timestamp, step, value")}`,
    runNo,
    key,
    maxResults ?? Number.MAX_SAFE_INTEGER,
    offset,
  );
  const json = String(row?.[0]);
  const end = offset + (maxResults ?? 0);
  const more =
    maxResults !== undefined &&
    (await store.database.row(`${select} ${inOrder} LIMIT 1 OFFSET ?`, runNo, key, end)) !== undefined;
  return { json, nextPageToken: more ? pageToken(end) : undefined };
}

/** The points of a metric of several runs as a JSON array, by run and time, up to a number. */
export async function metricHistories(
  store: Store,
  runIds: readonly string[],
  key: string,
  maxResults: number,
): Promise<string> {
  const parts: string[] = [];
  let left = maxResults;
  for (const runId of [...new Set(runIds)].toSorted()) {
    const runNo = await numberOf(store, runId);
    if (runNo === undefined || left <= 0) continue;
    const rows = await store.database.texts(
      `SELECT ${pointOfRun(store.database.dialect)} FROM points WHERE run_no = ? AND key = ? ${inOrder} LIMIT ?`,
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
export async function sampledHistories(
  store: Store,
  runIds: readonly string[],
  key: string,
  { maxResults, steps }: Sample,
): Promise<string> {
  const order = "ORDER BY step, timestamp, value, is_nan";
  const sql = `
    WITH chosen AS (SELECT *, row_number() OVER (${order}) AS place, count(*) OVER () AS total FROM points
      WHERE run_no = ? AND key = ? AND step BETWEEN ? AND ?),
    parts AS (SELECT *, ntile(?) OVER (${order}) AS part FROM chosen),
    firsts AS (SELECT *, row_number() OVER (PARTITION BY part ${order}) AS place_in_part FROM parts)
    SELECT ${pointOfRun(store.database.dialect)}, place = total FROM firsts WHERE place_in_part = 1 OR place = total ${order}`;
  const [first, last] = steps ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  const points: string[] = [];
  for (const runId of runIds) {
    const runNo = await numberOf(store, runId);
    if (runNo === undefined) continue;
    const rows = await store.database.texts(sql, runNo, key, first, last, maxResults, runId);
    // The last point takes the place of the last part's first.
    if (rows.length > maxResults) points.push(...rows.slice(0, maxResults - 1), ...rows.slice(-1));
    else points.push(...rows);
  }
  return `[${points.join(",")}]`;
}

async function numberOf({ database }: Store, runId: string): Promise<number | undefined> {
  const row = await database.row("SELECT run_no FROM runs WHERE run_id = ?", runId);
  return row === undefined ? undefined : Number(row[0]);
}

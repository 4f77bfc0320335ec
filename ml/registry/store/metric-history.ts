/**
 * @file Histories of metrics, as MLflow's JSON: all points of a run, of several runs, or a sample of them.
 *
 * A history may have millions of points: it is read in pages while it is sent, and is never in memory as a whole.
 */
import { offsetOf, pageToken } from "../search/page-token.ts";
import type { SqlValue } from "./database.ts";
import { type Dialect, perDialect } from "./dialect.ts";
import { valueJson } from "./run-json.ts";
import type { Store } from "./store.ts";

/** The key of a run's points of a metric, in time's order. */
const columns = "timestamp, step, value, is_nan";
/** About 300 KB of JSON. */
const pointsPerPage = 4000;

function pointSql(dialect: Dialect, more = ""): string {
  return dialect.object(
    `'key', key, 'value', ${valueJson(dialect)}, 'timestamp', timestamp, 'step', step${more}`,
  );
}
const pointOfRun = (dialect: Dialect): string => pointSql(dialect, ", 'run_id', CAST(? AS TEXT)");

const nextPoints = `FROM points WHERE run_no = ? AND key = ? AND (${columns}) > (?, ?, ?, ?) ORDER BY ${columns}`;
const firstPoints = `FROM points WHERE run_no = ? AND key = ? ORDER BY ${columns}`;

/** The statement of a page: its points as JSON, how many they are, and the key of the last where the page is full. */
function pageSql(dialect: Dialect, point: string, points: string): string {
  return `SELECT page.points, page.length, last.* FROM
    (SELECT ${dialect.joinedInOrder(point, columns)} AS points, count(*) AS length
      FROM (SELECT * ${points} LIMIT ? OFFSET ?) AS chosen) AS page
    LEFT JOIN (SELECT ${columns} ${points} LIMIT 1 OFFSET ?) AS last ON page.length > 0`;
}

const pageStatements = perDialect((dialect) => ({
  ofHistory: [firstPoints, nextPoints].map((points) => pageSql(dialect, pointSql(dialect), points)),
  ofRun: [firstPoints, nextPoints].map((points) => pageSql(dialect, pointOfRun(dialect), points)),
}));

/** Which points of a metric of a run are read. */
interface Slice {
  readonly runNo: number;
  readonly key: string;
  readonly offset: number;
  readonly limit: number;
  /** Where each point names its run. */
  readonly runId?: string;
}

/** How many points there were, and whether there are more after the limit. */
interface SliceEnd {
  readonly count: number;
  readonly more: boolean;
}

/** Points in time's order as JSON with commas between, a page at a time. What is logged meanwhile is there where it comes later. */
async function* pages(
  { database }: Store,
  { runNo, key, offset, limit, runId }: Slice,
): AsyncGenerator<string, SliceEnd> {
  const statements = pageStatements(database.dialect)[runId === undefined ? "ofHistory" : "ofRun"];
  const run = runId === undefined ? [] : [runId];
  let last: readonly SqlValue[] = [];
  let count = 0;
  while (count < limit) {
    const size = Math.min(limit - count, pointsPerPage);
    const [sql = "", skipped] = count === 0 ? [statements[0], offset] : [statements[1], 0];
    const place = [runNo, key, ...last];
    const found = await database.row(sql, ...run, ...place, size, skipped, ...place, skipped + size - 1);
    const [points, length, ...end] = found ?? [];
    if (Number(length) > 0) yield String(points);
    count += Number(length);
    if (Number(length) < size) return { count, more: false };
    last = end;
  }
  const more = await database.row(`SELECT 1 ${nextPoints} LIMIT 1`, runNo, key, ...last);
  return { count, more: more !== undefined };
}

/**
 * All points of a metric of a run in time's order, or a page of them, as JSON with commas between; returns the token of the page
 * that follows. There are none where the run is not there.
 */
export async function* metricHistory(
  store: Store,
  runId: string,
  key: string,
  maxResults: number | undefined,
  token: string | undefined,
): AsyncGenerator<string, string | undefined> {
  const runNo = await numberOf(store, runId);
  const offset = offsetOf(token);
  if (runNo === undefined) return undefined;
  const limit = maxResults ?? Number.POSITIVE_INFINITY;
  const { more } = yield* pages(store, { runNo, key, offset, limit });
  return more ? pageToken(offset + limit) : undefined;
}

/** The points of a metric of several runs, by run and time, up to a number, as JSON with commas between. */
export async function* metricHistories(
  store: Store,
  runIds: readonly string[],
  key: string,
  maxResults: number,
): AsyncGenerator<string, void> {
  let left = maxResults;
  for (const runId of [...new Set(runIds)].toSorted()) {
    if (left <= 0) return;
    const runNo = await numberOf(store, runId);
    if (runNo === undefined) continue;
    const { count } = yield* pages(store, { runNo, key, offset: 0, limit: left, runId });
    left -= count;
  }
}

export interface Sample {
  /** At most this many points of each run, the first and the last among them. */
  readonly maxResults: number;
  /** Steps from the first to the last of these two, all where not given. */
  readonly steps: readonly [first: number, last: number] | undefined;
}

/**
 * Points of a metric of several runs, by step, as JSON with commas between: of each run the first point of each of `maxResults`
 * equal parts of its history, and its last point in place of the last part's.
 */
export async function* sampledHistories(
  store: Store,
  runIds: readonly string[],
  key: string,
  { maxResults, steps }: Sample,
): AsyncGenerator<string, void> {
  const { dialect } = store.database;
  const chosen = "points WHERE run_no = ? AND key = ? AND step BETWEEN ? AND ?";
  // Of `total` points the first `total % parts` parts have one more than the others, as ntile() shares them out.
  const sql = `
    WITH sizes AS MATERIALIZED (SELECT total, total / parts AS size, total % parts * (total / parts + 1) AS in_longer
      FROM (SELECT count(*) AS total, CAST(? AS INTEGER) AS parts FROM ${chosen}) AS counted),
    placed AS (SELECT *, row_number() OVER (ORDER BY step, timestamp, value, is_nan) - 1 AS place FROM ${chosen})
    SELECT ${pointOfRun(dialect)} FROM placed, sizes
      WHERE place + 1 = total OR CASE WHEN place < in_longer THEN place % (size + 1) ELSE (place - in_longer) % size END = 0
      ORDER BY place`;
  const [first, last] = steps ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  for (const runId of runIds) {
    const runNo = await numberOf(store, runId);
    if (runNo === undefined) continue;
    const place = [runNo, key, first, last];
    const rows = await store.database.texts(sql, maxResults, ...place, ...place, runId);
    // The last point takes the place of the last part's first.
    if (rows.length > maxResults) rows.splice(maxResults - 1, rows.length - maxResults);
    if (rows.length > 0) yield rows.join(",");
  }
}

async function numberOf({ database }: Store, runId: string): Promise<number | undefined> {
  const row = await database.row("SELECT run_no FROM runs WHERE run_id = ?", runId);
  return row === undefined ? undefined : Number(row[0]);
}

/**
 * @file Logging to a run: points of metrics, params, tags.
 *
 * The hot path. A batch is one transaction of a few statements with many rows each. What was logged before is no error and
 * is not doubled, so a client may send a batch again.
 */
import { invalidParameter } from "../mlflow-error.ts";
import { checkedParam, checkedTag, type KeyValue, requireMetricKey, requireRunId } from "../limits.ts";
import { placeholders, type SqlValue } from "./database.ts";
import { logModelMetrics } from "./logged-model-metrics.ts";
import { type Metric, storedValue } from "./metric.ts";
import { findActiveRun, setTags } from "./runs.ts";
import type { Store } from "./store.ts";

export interface Batch {
  readonly metrics: readonly Metric[];
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

const limits = { metrics: 1000, params: 100, tags: 100 } as const;
const entitiesPerBatch = 1000;

/** Rows to a statement: few texts of statements, so that each is prepared once. */
const rowsPerStatement = 100;

/** Logs a batch: all of it, or none where it is refused. */
export function logBatch(store: Store, runId: string, batch: Batch): void {
  requireRunId(runId);
  batch.metrics.forEach(({ key, timestamp }, at) => requireMetric(key, timestamp, `metrics[${at}]`));
  const params = batch.params.map((param, at) => checkedParam(param, `params[${at}].key`));
  const tags = batch.tags.map((tag, at) => checkedTag(tag, `tags[${at}].key`));
  requireLimits(batch);
  requireDifferentKeys(params);
  store.database.write(() => {
    const { runNo } = findActiveRun(store, runId);
    logParamsOnce(store, runNo, runId, params);
    logPoints(store, runNo, batch.metrics);
    logModelMetrics(store, runId, batch.metrics);
    setTags(store, runNo, tags);
  });
}

/** Logs one point. */
export function logMetric(store: Store, runId: string, metric: Metric): void {
  requireMetric(metric.key, metric.timestamp, "");
  store.database.write(() => {
    const { runNo } = findActiveRun(store, runId);
    logPoints(store, runNo, [metric]);
    logModelMetrics(store, runId, [metric]);
  });
}

/** Logs one param. Another value for one that was logged is refused. */
export function logParam(store: Store, runId: string, param: KeyValue): void {
  const checked = checkedParam(param);
  const { database } = store;
  database.write(() => {
    const { runNo } = findActiveRun(store, runId);
    const [old] = database.texts("SELECT value FROM params WHERE run_no = ? AND key = ?", runNo, checked.key);
    if (old === undefined)
      database.run("INSERT INTO params VALUES (?, ?, ?)", runNo, checked.key, checked.value);
    else if (old !== checked.value)
      throw invalidParameter(
        `Changing param values is not allowed. Param with key='${checked.key}' was already logged with value='${old}' for run ID='${runId}'. Attempted logging new value '${checked.value}'.`,
      );
  });
}

function requireMetric(key: string, timestamp: number, path: string): void {
  requireMetricKey(key, path === "" ? "name" : `${path}.name`);
  if (timestamp < 0)
    throw invalidParameter(
      `Invalid value ${timestamp} for parameter '${path === "" ? "" : `${path}.`}timestamp' supplied: metric '${key}'. Timestamp must be a nonnegative long (64-bit integer) `,
    );
}

function requireLimits(batch: Batch): void {
  const refuse = (what: string, limit: number, count: number): void => {
    if (count > limit)
      throw invalidParameter(
        `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
      );
  };
  for (const what of ["metrics", "params", "tags"] as const) refuse(what, limits[what], batch[what].length);
  const total = batch.metrics.length + batch.params.length + batch.tags.length;
  refuse("metrics, params, and tags", entitiesPerBatch, total);
}

function requireDifferentKeys(params: readonly KeyValue[]): void {
  const seen = new Set<string>();
  const twice = params.filter(({ key }) => seen.size === seen.add(key).size).map(({ key }) => `'${key}'`);
  if (twice.length > 0)
    throw invalidParameter(
      `Duplicate parameter keys have been submitted: [${twice.join(", ")}]. Please ensure the request contains only one param value per param key.`,
    );
}

function logParamsOnce({ database }: Store, runNo: number, runId: string, params: readonly KeyValue[]): void {
  const changed: string[] = [];
  for (const { key, value } of params) {
    const sql = "INSERT INTO params VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
    if (database.run(sql, runNo, key, value) > 0) continue;
    const [old] = database.texts("SELECT value FROM params WHERE run_no = ? AND key = ?", runNo, key);
    if (old !== value) changed.push(`{'key': '${key}', 'old_value': '${old}', 'new_value': '${value}'}`);
  }
  if (changed.length > 0)
    throw invalidParameter(
      `Changing param values is not allowed. Params were already logged='[${changed.join(", ")}]' for run ID='${runId}'.`,
    );
}

function logPoints({ database }: Store, runNo: number, metrics: readonly Metric[]): void {
  const latest = new Map<string, readonly SqlValue[]>();
  const rows = metrics.map((metric): readonly SqlValue[] => {
    const row = [runNo, metric.key, metric.timestamp, metric.step, ...storedValue(metric.value)];
    const last = latest.get(metric.key);
    if (last === undefined || isLater(row, last)) latest.set(metric.key, row);
    return row;
  });
  insertRows(rows, (count) => `INSERT INTO points VALUES ${placeholders(count, 6)} ON CONFLICT DO NOTHING`);
  insertRows(
    [...latest.values()],
    (count) => `INSERT INTO latest_metrics VALUES ${placeholders(count, 6)}
      ON CONFLICT (run_no, key) DO UPDATE SET timestamp = excluded.timestamp, step = excluded.step,
        value = excluded.value, is_nan = excluded.is_nan
      WHERE (excluded.step, excluded.timestamp, excluded.value)
        > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)`,
  );

  function insertRows(all: readonly (readonly SqlValue[])[], sql: (count: number) => string): void {
    let at = 0;
    for (; at + rowsPerStatement <= all.length; at += rowsPerStatement)
      database.run(sql(rowsPerStatement), ...all.slice(at, at + rowsPerStatement).flat());
    for (; at < all.length; at++) database.run(sql(1), ...(all[at] ?? []));
  }
}

/** Whether a point is later than another: by step, timestamp and value, as MLflow tells it. */
function isLater(row: readonly SqlValue[], other: readonly SqlValue[]): boolean {
  for (const column of [3, 2, 4]) {
    const difference = Number(row[column]) - Number(other[column]);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

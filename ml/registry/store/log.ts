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

const addParam = "INSERT INTO params VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
const findParam = "SELECT value FROM params WHERE run_no = ? AND key = ?";

/** Logs a batch: all of it, or none where it is refused. */
export async function logBatch(store: Store, runId: string, batch: Batch): Promise<void> {
  requireRunId(runId);
  batch.metrics.forEach(({ key, timestamp }, at) => requireMetric(key, timestamp, `metrics[${at}]`));
  const params = batch.params.map((param, at) => checkedParam(param, `params[${at}].key`));
  const tags = batch.tags.map((tag, at) => checkedTag(tag, `tags[${at}].key`));
  requireLimits(batch);
  requireDifferentKeys(params);
  await store.database.write(async () => {
    const { runNo } = await findActiveRun(store, runId);
    await logParamsOnce(store, runNo, runId, params);
    await logPoints(store, runNo, batch.metrics);
    await logModelMetrics(store, runId, batch.metrics);
    await setTags(store, runNo, tags);
  });
}

/** Logs one point. */
export async function logMetric(store: Store, runId: string, metric: Metric): Promise<void> {
  requireMetric(metric.key, metric.timestamp, "");
  await store.database.write(async () => {
    const { runNo } = await findActiveRun(store, runId);
    await logPoints(store, runNo, [metric]);
    await logModelMetrics(store, runId, [metric]);
  });
}

/** Logs one param. Another value for one that was logged is refused. */
export async function logParam(store: Store, runId: string, param: KeyValue): Promise<void> {
  const checked = checkedParam(param);
  const { database } = store;
  await database.write(async () => {
    const { runNo } = await findActiveRun(store, runId);
    const { key, value } = checked;
    if ((await database.run(addParam, runNo, key, value)) > 0) return;
    const [old] = await database.texts(findParam, runNo, key);
    if (old !== value)
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

async function logParamsOnce(
  { database }: Store,
  runNo: number,
  runId: string,
  params: readonly KeyValue[],
): Promise<void> {
  const changed: string[] = [];
  for (const { key, value } of params) {
    if ((await database.run(addParam, runNo, key, value)) > 0) continue;
    const [old] = await database.texts(findParam, runNo, key);
    if (old !== value) changed.push(`{'key': '${key}', 'old_value': '${old}', 'new_value': '${value}'}`);
  }
  if (changed.length > 0)
    throw invalidParameter(
      `Changing param values is not allowed. Params were already logged='[${changed.join(", ")}]' for run ID='${runId}'.`,
    );
}

/** A statement by its number of rows, made once. */
function byRows(build: (rows: number) => string): (rows: number) => string {
  const built = new Map<number, string>();
  return (rows) => {
    const text = built.get(rows) ?? build(rows);
    built.set(rows, text);
    return text;
  };
}

const insertPoints = byRows(
  (rows) => `INSERT INTO points VALUES ${placeholders(rows, 6)} ON CONFLICT DO NOTHING`,
);
const updateLatest = byRows(
  (rows) => `INSERT INTO latest_metrics VALUES ${placeholders(rows, 6)}
    ON CONFLICT (run_no, key) DO UPDATE SET timestamp = excluded.timestamp, step = excluded.step,
      value = excluded.value, is_nan = excluded.is_nan
    WHERE (excluded.step, excluded.timestamp, excluded.value)
      > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)`,
);

/** Logs points that were checked to a run that was found; those that are there already are left. */
export async function logPoints(
  { database }: Store,
  runNo: number,
  metrics: readonly Metric[],
): Promise<void> {
  const latest = new Map<string, readonly SqlValue[]>();
  const rows = metrics.map((metric): readonly SqlValue[] => {
    const row = [runNo, metric.key, metric.timestamp, metric.step, ...storedValue(metric.value)];
    const last = latest.get(metric.key);
    if (last === undefined || isLater(row, last)) latest.set(metric.key, row);
    return row;
  });
  await insertRows(rows, insertPoints);
  // In the order of keys, so that no two batches wait for each other.
  const last = [...latest.values()].toSorted(([, one], [, other]) => (String(one) < String(other) ? -1 : 1));
  await insertRows(last, updateLatest);

  async function insertRows(
    all: readonly (readonly SqlValue[])[],
    sql: (count: number) => string,
  ): Promise<void> {
    let at = 0;
    // Few texts of statements, so that each is prepared once.
    for (let size = database.dialect.rowsPerInsert; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 10))
      for (; at + size <= all.length; at += size)
        await database.run(sql(size), ...all.slice(at, at + size).flat());
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

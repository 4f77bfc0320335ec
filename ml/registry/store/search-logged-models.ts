/** @file Logged models found by MLflow's filter language, as its JSON. */
import { invalidParameter } from "../mlflow-error.ts";
import {
  attributeCondition,
  compare,
  every,
  exists,
  keyedCondition,
  ofExperiments,
} from "../search/conditions.ts";
import { attribute, type Comparison, parseFilter } from "../search/filter.ts";
import { loggedModelLanguage } from "../search/language.ts";
import { requireFewOrderings } from "../search/order-by.ts";
import { offsetOf, type Page, pageOf } from "../search/page-token.ts";
import { placeholders, type Sql, type SqlValue } from "./database.ts";
import type { Dialect } from "./dialect.ts";
import { loggedModelsJson } from "./logged-models.ts";
import type { Store } from "./store.ts";

export interface DatasetFilter {
  readonly name: string;
  readonly digest: string | undefined;
}

export interface LoggedModelOrdering {
  /** An attribute, or `metrics.` and a metric's key. */
  readonly field: string;
  readonly ascending: boolean;
  readonly datasetName: string | undefined;
  readonly datasetDigest: string | undefined;
}

export interface LoggedModelSearch {
  readonly experimentIds: readonly string[];
  readonly filter: string;
  /** Metrics count only where they are of one of these. */
  readonly datasets: readonly DatasetFilter[];
  readonly orderBy: readonly LoggedModelOrdering[];
  readonly maxResults: number;
  readonly pageToken: string | undefined;
}

const ofModel = "entry.model_id = logged_models.model_id";

/** A page of the logged models of these experiments that a filter takes; the latest first where nothing else is said. */
export async function searchLoggedModels(store: Store, search: LoggedModelSearch): Promise<Page<string>> {
  if (search.datasets.some(({ name }) => name === ""))
    throw invalidParameter("`dataset_name` in the `datasets` clause must be specified.");
  const datasets = datasetCondition(search.datasets);
  const comparisons = parseFilter(search.filter, loggedModelLanguage);
  const conditions = comparisons.map((comparison) => condition(store.database.dialect, comparison, datasets));
  if (search.datasets.length > 0 && !comparisons.some(({ entity }) => entity === "metric"))
    conditions.push({
      text: `EXISTS (SELECT 1 FROM logged_model_metrics AS entry WHERE ${ofModel} AND ${datasets.text})`,
      values: datasets.values,
    });
  const where = every([
    ofExperiments("logged_models.experiment_id", search.experimentIds),
    { text: "logged_models.lifecycle_stage <> 'deleted'", values: [] },
    ...conditions,
  ]);
  const order = orderSql(search.orderBy);
  const offset = offsetOf(search.pageToken);
  const found = await store.database.texts(
    `SELECT model_id FROM logged_models WHERE ${where.text} ORDER BY ${order.text} LIMIT ? OFFSET ?`,
    ...where.values,
    ...order.values,
    search.maxResults + 1,
    offset,
  );
  const page = pageOf(found, offset, search.maxResults);
  return { ...page, items: await loggedModelsJson(store, page.items) };
}

function condition(dialect: Dialect, comparison: Comparison, datasets: Sql): Sql {
  switch (comparison.entity) {
    case "tag":
      return keyedCondition(dialect, "logged_model_tags", ofModel, comparison);
    case "parameter":
      return keyedCondition(dialect, "logged_model_params", ofModel, comparison);
    case "metric": {
      const { text, values } = compare(dialect, "entry.value", comparison);
      return {
        text: exists(`SELECT 1 FROM logged_model_metrics AS entry
          WHERE ${ofModel} AND entry.key = ? AND ${text} AND ${datasets.text}`),
        values: [comparison.key, ...values, ...datasets.values],
      };
    }
    default:
      return attributeCondition(dialect, comparison, loggedModelLanguage);
  }
}

/** As lists: of hundreds of alternatives in each comparison a plan takes seconds. */
function datasetCondition(datasets: readonly DatasetFilter[]): Sql {
  if (datasets.length === 0) return { text: "TRUE", values: [] };
  const names = datasets.flatMap(({ name, digest }) => (digest === undefined ? [name] : []));
  const pairs = datasets.flatMap(({ name, digest }) => (digest === undefined ? [] : [[name, digest]]));
  const parts: string[] = [];
  if (names.length > 0) parts.push(`entry.dataset_name IN ${placeholders(1, names.length)}`);
  if (pairs.length > 0)
    parts.push(`(entry.dataset_name, entry.dataset_digest) IN (VALUES ${placeholders(pairs.length, 2)})`);
  return { text: `(${parts.join(" OR ")})`, values: [...names, ...pairs.flat()] };
}

/** What is missing comes last, whichever way is ordered. */
function orderSql(orderings: readonly LoggedModelOrdering[]): Sql {
  requireFewOrderings(orderings.length);
  const by: string[] = [];
  const values: SqlValue[] = [];
  for (const { field, ascending, datasetName, datasetDigest } of orderings) {
    const direction = ascending ? "ASC" : "DESC";
    if (!field.includes(".")) {
      const { column } = attribute(loggedModelLanguage, field);
      by.push(`${column} IS NULL, ${column} ${direction}`);
      continue;
    }
    if (!field.startsWith("metrics."))
      throw invalidParameter(`Invalid order by field name: ${field}. Only metrics are supported.`);
    const own: SqlValue[] = [field.slice("metrics.".length)];
    let latest = `SELECT value FROM logged_model_metrics AS entry WHERE ${ofModel} AND entry.key = ?`;
    for (const [column, value] of [
      ["dataset_name", datasetName],
      ["dataset_digest", datasetDigest],
    ] as const) {
      if (!value) continue;
      latest += ` AND entry.${column} = ?`;
      own.push(value);
    }
    latest = `(${latest} ORDER BY entry.timestamp DESC, entry.step DESC, entry.run_id LIMIT 1)`;
    by.push(`${latest} IS NULL, ${latest} ${direction}`);
    values.push(...own, ...own);
  }
  by.push("creation_timestamp DESC", "model_id ASC");
  return { text: by.join(", "), values };
}

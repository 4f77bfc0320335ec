/** @file Runs found by MLflow's filter language, as its JSON. */
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
import { runLanguage } from "../search/language.ts";
import { type Ordering, parseOrderBy } from "../search/order-by.ts";
import { offsetOf, type Page, pageOf } from "../search/page-token.ts";
import type { Sql } from "./database.ts";
import type { Dialect } from "./dialect.ts";
import { runsJson } from "./run-json.ts";
import { runNameTag } from "./runs.ts";
import { type SearchOptions, stagesOf } from "./search-options.ts";
import type { Store } from "./store.ts";

const ofRun = "entry.run_no = runs.run_no";

/** A page of the runs of these experiments that a filter takes; the latest start first where nothing else is said. */
export async function searchRuns(
  store: Store,
  experimentIds: readonly string[],
  options: SearchOptions,
): Promise<Page<string>> {
  const { dialect } = store.database;
  const where = every([
    ofExperiments("runs.experiment_id", experimentIds),
    stagesOf("runs", options.viewType),
    ...parseFilter(options.filter, runLanguage).map((comparison) => condition(dialect, comparison)),
  ]);
  const order = orderSql(parseOrderBy(options.orderBy, runLanguage));
  const offset = offsetOf(options.pageToken);
  const found = await store.database.rows(
    `SELECT runs.run_no FROM runs ${order.joins.text} WHERE ${where.text} ORDER BY ${order.by} LIMIT ? OFFSET ?`,
    ...order.joins.values,
    ...where.values,
    options.maxResults + 1,
    offset,
  );
  const page = pageOf(found, offset, options.maxResults);
  return {
    ...page,
    items: await runsJson(
      store,
      page.items.map(([runNo]) => Number(runNo)),
    ),
  };
}

function condition(dialect: Dialect, comparison: Comparison): Sql {
  const { entity, key, operator } = comparison;
  switch (entity) {
    case "attribute":
      return attribute(runLanguage, key).column === "runs.run_name"
        ? keyedCondition(dialect, "run_tags", ofRun, { ...comparison, key: runNameTag })
        : attributeCondition(dialect, comparison, runLanguage);
    case "tag":
      return keyedCondition(dialect, "run_tags", ofRun, comparison);
    case "parameter":
      return keyedCondition(dialect, "params", ofRun, comparison);
    case "metric": {
      const { text, values } = compare(dialect, "entry.value", comparison);
      // NaN differs from every number, and no other comparison holds for it.
      const nan = operator === "!=" ? `(${text} OR entry.is_nan = 1)` : `${text} AND entry.is_nan = 0`;
      return {
        text: exists(`SELECT 1 FROM latest_metrics AS entry WHERE ${ofRun} AND entry.key = ? AND ${nan}`),
        values: [key, ...values],
      };
    }
    case "dataset":
      return datasetCondition(dialect, comparison);
  }
}

function datasetCondition(dialect: Dialect, comparison: Comparison): Sql {
  const inputs = "SELECT 1 FROM dataset_inputs AS entry";
  if (comparison.key === "context") {
    const { text, values } = compare(dialect, "tag.value", comparison);
    return {
      text: exists(`${inputs} JOIN dataset_input_tags AS tag USING (run_no, dataset_id)
        WHERE ${ofRun} AND tag.key = 'mlflow.data.context' AND ${text}`),
      values,
    };
  }
  const { text, values } = compare(
    dialect,
    comparison.key === "name" ? "datasets.name" : "datasets.digest",
    comparison,
  );
  return { text: exists(`${inputs} JOIN datasets USING (dataset_id) WHERE ${ofRun} AND ${text}`), values };
}

/** What is missing comes last, whichever way is ordered, and NaN before what is missing. */
function orderSql(orderings: readonly Ordering[]): { readonly joins: Sql; readonly by: string } {
  const joins: string[] = [];
  const values: string[] = [];
  const by: string[] = [];
  const seen = new Set<string>();
  for (const [at, { entity, key, ascending }] of orderings.entries()) {
    const direction = ascending ? "ASC" : "DESC";
    const column = entity === "attribute" ? attribute(runLanguage, key).column : `order${at}.value`;
    const name = entity === "attribute" ? column : `${entity}.${key}`;
    if (seen.has(name))
      throw invalidParameter(`\`order_by\` contains duplicate fields: ${JSON.stringify(name)}`);
    seen.add(name);
    if (entity !== "attribute") {
      joins.push(
        `LEFT JOIN ${tableOf(entity)} AS order${at} ON order${at}.run_no = runs.run_no AND order${at}.key = ?`,
      );
      values.push(key);
    }
    if (entity === "metric")
      by.push(`CASE WHEN order${at}.is_nan = 1 THEN 1 WHEN ${column} IS NULL THEN 2 ELSE 0 END`);
    else by.push(`${column} IS NULL`);
    by.push(`${column} ${direction}`);
  }
  if (!seen.has("runs.start_time")) by.push("runs.start_time DESC");
  by.push("runs.run_id");
  return { joins: { text: joins.join(" "), values }, by: by.join(", ") };
}

function tableOf(entity: Ordering["entity"]): string {
  if (entity === "metric") return "latest_metrics";
  if (entity === "tag") return "run_tags";
  if (entity === "parameter") return "params";
  throw invalidParameter(`Invalid identifier type '${entity}'`);
}

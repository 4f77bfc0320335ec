/**
 * @file Registered models and versions found by MLflow's filter language.
 *
 * Prompts, which MLflow keeps as registered models with a tag, are found only where the filter asks for them.
 */
import { invalidParameter } from "../mlflow-error.ts";
import { attributeCondition, every, keyedCondition } from "../search/conditions.ts";
import { type Comparison, parseFilter } from "../search/filter.ts";
import { modelVersionLanguage, registeredModelLanguage, type SearchLanguage } from "../search/language.ts";
import { parseOrderBy } from "../search/order-by.ts";
import { offsetOf, type Page, pageOf } from "../search/page-token.ts";
import type { Sql } from "./database.ts";
import type { Dialect } from "./dialect.ts";
import { deletedStage, type ModelVersion, readVersions } from "./model-version-rows.ts";
import { findRegisteredModels, type RegisteredModel } from "./registered-models.ts";
import type { SearchOptions } from "./search-options.ts";
import type { Store } from "./store.ts";

const promptTag = "mlflow.prompt.is_prompt";

/** Names of columns that registered models are ordered by; versions have other names for them. */
const modelOrders: SearchLanguage["attributes"] = {
  name: { column: "name", numeric: false },
  timestamp: { column: "last_updated_timestamp", numeric: true },
  last_updated_timestamp: { column: "last_updated_timestamp", numeric: true },
};
const versionOrders: SearchLanguage["attributes"] = {
  name: { column: "name", numeric: false },
  version_number: { column: "version", numeric: true },
  creation_timestamp: { column: "creation_timestamp", numeric: true },
  last_updated_timestamp: { column: "last_updated_timestamp", numeric: true },
};

type RegistrySearch = Omit<SearchOptions, "viewType">;

/** A page of the registered models that a filter takes; by name where nothing else is said. */
export async function searchRegisteredModels(
  store: Store,
  search: RegistrySearch,
): Promise<Page<RegisteredModel>> {
  const where = filterSql(store.database.dialect, search.filter, registeredModelLanguage, {
    tags: "registered_model_tags",
    owner: "entry.name = registered_models.name",
    name: "registered_models.name",
  });
  const order = orderSql(search.orderBy, modelOrders, registeredModelLanguage, ["name ASC"]);
  const offset = offsetOf(search.pageToken);
  const names = await store.database.texts(
    `SELECT name FROM registered_models WHERE ${where.text} ORDER BY ${order} LIMIT ? OFFSET ?`,
    ...where.values,
    search.maxResults + 1,
    offset,
  );
  const page = pageOf(names, offset, search.maxResults);
  return { ...page, items: await findRegisteredModels(store, page.items) };
}

/** A page of the versions that a filter takes; the last that changed come first where nothing else is said. */
export async function searchModelVersions(store: Store, search: RegistrySearch): Promise<Page<ModelVersion>> {
  const where = filterSql(store.database.dialect, search.filter, modelVersionLanguage, {
    tags: "model_version_tags",
    owner: "entry.name = model_versions.name AND entry.version = model_versions.version",
    name: "model_versions.name",
  });
  const asked = search.orderBy.length > 0 ? search.orderBy : ["last_updated_timestamp DESC"];
  const order = orderSql(asked, versionOrders, modelVersionLanguage, ["name ASC", "version DESC"]);
  const offset = offsetOf(search.pageToken);
  const found = await readVersions(
    store,
    `${where.text} AND current_stage <> ? ORDER BY ${order} LIMIT ? OFFSET ?`,
    [...where.values, deletedStage, search.maxResults + 1, offset],
  );
  return pageOf(found, offset, search.maxResults);
}

function filterSql(
  dialect: Dialect,
  filter: string,
  language: SearchLanguage,
  { tags, owner, name }: { readonly tags: string; readonly owner: string; readonly name: string },
): Sql {
  const comparisons = parseFilter(filter, language);
  const asksForPrompts = comparisons.some(isPromptQuery);
  const conditions = comparisons
    // Without prompts, what is left of a comparison with their tag always holds.
    .filter(({ entity, key }) => asksForPrompts || entity !== "tag" || key !== promptTag)
    .map((comparison) =>
      comparison.entity === "tag"
        ? keyedCondition(dialect, tags, owner, comparison)
        : attributeCondition(dialect, comparison, language),
    );
  if (!asksForPrompts)
    conditions.push({
      text: `NOT EXISTS (SELECT 1 FROM ${tags} AS prompt WHERE prompt.name = ${name} AND prompt.key = ? AND prompt.value = 'true')`,
      values: [promptTag],
    });
  return every(conditions);
}

function isPromptQuery({ entity, key, operator, value }: Comparison): boolean {
  if (entity !== "tag" || key !== promptTag) return false;
  const wanted = String(value).toLowerCase();
  return (operator === "=" && wanted === "true") || (operator === "!=" && wanted === "false");
}

function orderSql(
  clauses: readonly string[],
  orders: SearchLanguage["attributes"],
  language: SearchLanguage,
  ties: readonly string[],
): string {
  const by = new Map<string, string>();
  for (const { entity, key, ascending } of parseOrderBy(clauses, { ...language, attributes: orders })) {
    const column = entity === "attribute" ? orders[key]?.column : undefined;
    if (column === undefined) throw invalidParameter(`Invalid order_by entity: ${entity}`);
    if (by.has(column))
      throw invalidParameter(`\`order_by\` contains duplicate fields: ${JSON.stringify(clauses)}`);
    by.set(column, `${column} ${ascending ? "ASC" : "DESC"}`);
  }
  for (const tie of ties) {
    const [column = ""] = tie.split(" ");
    if (!by.has(column)) by.set(column, tie);
  }
  return [...by.values()].join(", ");
}

/** @file Comparisons as SQL: columns are names of our own, what users wrote is always a parameter. */
import { invalidParameter } from "../mlflow-error.ts";
import type { Sql, SqlValue } from "../store/database.ts";
import type { Dialect } from "../store/dialect.ts";
import { attribute, type Comparison } from "./filter.ts";
import type { SearchLanguage } from "./language.ts";

/** Below what SQLite takes in one statement. */
const mostExperiments = 10_000;
/** What SQLite takes. */
const longestPattern = 50_000;
/** SQLite takes 32,766 in one statement; those of an ordering and a page come to them. */
const mostValues = 32_000;

/** `column OPERATOR value`. */
export function compare(dialect: Dialect, column: string, { operator, value }: Comparison): Sql {
  switch (operator) {
    case "IS NULL":
    case "IS NOT NULL":
      return { text: `${column} ${operator}`, values: [] };
    case "IN":
    case "NOT IN": {
      const values = Array.isArray(value) ? (value as readonly string[]) : [];
      return { text: `${column} ${operator} (${values.map(() => "?").join(", ")})`, values };
    }
    case "LIKE":
      return { text: `${column} ${dialect.like}`, values: [pattern(value)] };
    case "ILIKE":
      return { text: `lower(${column}) ${dialect.like}`, values: [asciiLower(pattern(value))] };
    default:
      return { text: `${column} ${operator} ${parameter(value)}`, values: [scalar(value)] };
  }
}

/** The condition of an attribute. */
export function attributeCondition(dialect: Dialect, comparison: Comparison, language: SearchLanguage): Sql {
  const { column, id } = attribute(language, comparison.key);
  if (!id) return compare(dialect, column, comparison);
  const { value } = comparison;
  const ids = Array.isArray(value) ? (value as readonly string[]).map(parseId) : [parseId(String(value))];
  const text = `${column} ${comparison.operator === "!=" || comparison.operator === "NOT IN" ? "NOT IN" : "IN"}`;
  return { text: `${text} (${ids.map(() => "?").join(", ")})`, values: ids };
}

/** The condition that a key of the owner has a value: `table` has columns `key` and `value`. */
export function keyedCondition(dialect: Dialect, table: string, owner: string, comparison: Comparison): Sql {
  const { operator, key } = comparison;
  const row = `SELECT 1 FROM ${table} AS entry WHERE ${owner} AND entry.key = ?`;
  if (operator === "IS NULL") return { text: `NOT ${exists(row)}`, values: [key] };
  if (operator === "IS NOT NULL") return { text: exists(row), values: [key] };
  const { text, values } = compare(dialect, "entry.value", comparison);
  return { text: exists(`${row} AND ${text}`), values: [key, ...values] };
}

/**
 * The condition that a SELECT gives a row. Looked up for each row of what is searched: left to itself, Postgres makes a join of
 * each, and takes minutes to plan some hundreds of them.
 */
export function exists(select: string): string {
  return `(EXISTS (${select}) IS TRUE)`;
}

/** All of the conditions. Throws MLflow's error where they have more values than a database takes. */
export function every(conditions: readonly Sql[]): Sql {
  const values = conditions.flatMap((condition) => condition.values);
  if (values.length > mostValues)
    throw invalidParameter(`A search can hold at most ${mostValues} values, got ${values.length}.`);
  return {
    text: conditions.length === 0 ? "TRUE" : conditions.map(({ text }) => `(${text})`).join(" AND "),
    values,
  };
}

/** The condition that a row is one of these experiments'. Throws MLflow's error for what is no id, and for too many. */
export function ofExperiments(column: string, experimentIds: readonly string[]): Sql {
  if (experimentIds.length > mostExperiments)
    throw invalidParameter(`A search can name at most ${mostExperiments} experiments.`);
  const values = experimentIds.map(parseId);
  if (values.length === 0) return { text: "FALSE", values };
  return { text: `${column} IN (${values.map(() => "?").join(", ")})`, values };
}

/** An experiment's id as a number. Throws MLflow's error for what is none. */
export function parseId(id: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(id))
    throw invalidParameter(`Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`);
  // No experiment has a number beyond these.
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(id)));
}

/** A fraction is compared as one, with whole numbers too. */
function parameter(value: Comparison["value"]): string {
  return typeof value === "number" && !Number.isSafeInteger(value) ? "CAST(? AS DOUBLE PRECISION)" : "?";
}

/** Both databases know the cases of ASCII's letters only. */
function asciiLower(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function pattern(value: Comparison["value"]): string {
  const text = String(value);
  if (Buffer.byteLength(text) > longestPattern)
    throw invalidParameter(`A pattern can have at most ${longestPattern} bytes.`);
  return text;
}

function scalar(value: Comparison["value"]): SqlValue {
  return typeof value === "number" || typeof value === "string" ? value : null;
}

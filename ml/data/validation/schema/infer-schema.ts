/** @file A schema from a table, as TensorFlow Data Validation infers one, with ranges of numbers besides. */
import type { TableSource } from "../../table-source.ts";
import { summarizeColumns, type ColumnSummary } from "../infer/column-summary.ts";
import type { SqlColumn, SuiteValue } from "../sql-values.ts";
import type { DataSchema, SchemaFeature } from "./schema.ts";

/** As many different strings still are a domain, as in TFDV. */
const mostDomainValues = 100;

/**
 * Infers a schema: each column's type, whether it has a value in every row, the domain of strings with at most 100
 * different values, and the range of numbers. Thresholds of drift and skew are a person's to set.
 */
export async function inferSchema(source: TableSource): Promise<DataSchema> {
  const summaries = await summarizeColumns(source, mostDomainValues);
  return { feature: summaries.map(featureOf) };
}

/** The type of a column in TFDV's terms: what is neither number nor truth value is bytes. */
export function featureType({ type }: SqlColumn): "BYTES" | "INT" | "FLOAT" {
  if (/^u?int\d+$/.test(type) || type === "boolean") return "INT";
  return type === "decimal" || type === "float32" || type === "float64" ? "FLOAT" : "BYTES";
}

function featureOf({ column, rows, present, min, max, values }: ColumnSummary): SchemaFeature {
  const type = featureType(column);
  const feature = { name: column.name, type };
  if (present === 0) return feature;
  const presence = { minCount: 1, ...(present === rows ? { minFraction: 1 } : {}) };
  const known = { ...feature, presence };
  if (column.type === "boolean") return { ...known, boolDomain: {} };
  if (type === "BYTES")
    return values === undefined ? known : { ...known, stringDomain: { value: [...values] } };
  if (type === "FLOAT") return { ...known, floatDomain: limits(numberOf(min), numberOf(max)) };
  return { ...known, intDomain: limits(integerOf(min), integerOf(max)) };
}

function limits<T>(min: T | undefined, max: T | undefined): { min?: T; max?: T } {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function numberOf(value: SuiteValue | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** Beyond 2^53 as text, as protocol buffers write it. */
function integerOf(value: SuiteValue | undefined): number | string | undefined {
  return typeof value === "boolean" ? undefined : value;
}

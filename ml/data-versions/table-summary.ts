/**
 * @file What is known of a table's content: rows, columns with statistics, and a hash that depends on neither the order of rows nor
 * the file's format.
 *
 * The hash is the SHA-256 of the columns and of three sums over all rows: their number, and both halves of
 * the MD5 of each row's text. A sum is the same in any order and counts rows that are there twice (a multiset hash: Clarke and
 * others, "Incremental Multiset Hash Functions and Their Application to Memory Integrity Checking", ASIACRYPT 2003). It tells
 * whether rows are the same by accident, not against an attacker; the files' SHA-256 does that.
 */
import { createHash } from "node:crypto";
import { columnType } from "../data/column-types.ts";
import { familyOf } from "../data/families.ts";
import { AggregateQuery, nothing, optionalNumber, type Aggregate } from "../data/profile/aggregate-query.ts";
import type { Row, RowValue } from "../data/query-result.ts";
import { identifier } from "../data/relation-sql.ts";
import type { TableSource } from "../data/table-source.ts";
import type { SnapshotColumn, SnapshotTable } from "./manifest.ts";

/** Counts, measures and hashes a table, by one query over its rows. */
export async function summarizeTable(table: TableSource, path: string): Promise<SnapshotTable> {
  const query = new AggregateQuery();
  const rows = query.add("count(*)");
  const columns = table.columns.map(({ name, type }) => measureColumn(query, name, type));
  const row = rowText(table);
  const low = query.add(`sum(md5_number_lower(${row}))::VARCHAR`);
  const high = query.add(`sum(md5_number_upper(${row}))::VARCHAR`);
  const found = await query.run(table.database, `(${table.sql}\n)`);
  const described = table.columns.map(({ name, type }) => [name, type]);
  const sums = [rows, low, high].map((read) => edgeValue(read(found)) ?? 0).map(String);
  return {
    path,
    rows: optionalNumber(rows(found)) ?? 0,
    contentHash: createHash("sha256")
      .update(JSON.stringify(["tenon table content 1", described, sums]))
      .digest("hex"),
    columns: columns.map((read) => read(found)),
  };
}

/** Each row as one text that no other row has: every value behind its length in bytes, nulls as `n`. */
function rowText({ columns }: TableSource): string {
  const parts = columns.map(({ name, type }) => {
    const column = identifier(name);
    // An instant's text depends on the session's time zone.
    const text = type === "TIMESTAMP WITH TIME ZONE" ? `epoch_us(${column})::VARCHAR` : `${column}::VARCHAR`;
    return `coalesce(strlen(${text}) || ':' || ${text}, 'n')`;
  });
  return parts.length === 0 ? "''" : parts.join(" || ");
}

function measureColumn(
  query: AggregateQuery,
  name: string,
  nativeType: string,
): (row: Row) => SnapshotColumn {
  const column = identifier(name);
  const family = familyOf(nativeType);
  const isFloat = nativeType === "FLOAT" || nativeType === "DOUBLE";
  const only = isFloat ? ` FILTER (WHERE isfinite(${column}))` : "";
  const isOrdered = ["number", "date", "time", "boolean"].includes(family);
  const add = (wanted: boolean, expression: string): Aggregate => (wanted ? query.add(expression) : nothing);
  const isNumber = family === "number";
  const nulls = query.add(`count(*) - count(${column})`);
  const distinct = add(isOrdered || family === "string", `approx_count_distinct(${column})`);
  const shown = isNumber ? column : `${column}::VARCHAR`;
  const edge = (of: "min" | "max"): Aggregate => {
    if (nativeType === "TIMESTAMP WITH TIME ZONE")
      return query.add(`(make_timestamp(epoch_us(${of}(${column}))))::VARCHAR || '+00'`);
    return add(isOrdered, isNumber ? `${of}(${shown})${only}` : `${of}(${column})::VARCHAR`);
  };
  const [min, max] = [edge("min"), edge("max")];
  const mean = add(isNumber, `avg(${column}::DOUBLE)${only}`);
  // Where squares are beyond all numbers DuckDB's answer is an error for the whole query.
  const size = `abs(${column}::DOUBLE)`;
  const spread = add(
    isNumber,
    `CASE WHEN max(${size})${only} < 1e150 THEN stddev_samp(${column}::DOUBLE) FILTER (WHERE ${size} < 1e150) END`,
  );
  const length = family === "string";
  const minLength = add(length, `min(length(${column}::VARCHAR))`);
  const maxLength = add(length, `max(length(${column}::VARCHAR))`);
  return (row) => ({
    name,
    type: columnType(nativeType),
    nativeType,
    nulls: optionalNumber(nulls(row)) ?? 0,
    ...given("distinct", optionalNumber(distinct(row))),
    ...given("min", edgeValue(min(row))),
    ...given("max", edgeValue(max(row))),
    ...given("mean", optionalNumber(mean(row))),
    ...given("standardDeviation", optionalNumber(spread(row))),
    ...given("minLength", optionalNumber(minLength(row))),
    ...given("maxLength", optionalNumber(maxLength(row))),
  });
}

function given<Key extends string, Value>(key: Key, value: Value | null): { readonly [K in Key]?: Value } {
  // SAFETY: an object with this key alone, or none.
  return (value === null ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
}

function edgeValue(value: RowValue): number | string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  return typeof value === "string" || typeof value === "bigint" ? String(value) : null;
}

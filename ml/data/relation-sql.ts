/** @file The variable view's filters and orders as SQL. Values become literals here and nowhere else. */
import type { PageableColumnType, PageFilter, PageSort } from "../pageable.ts";
import { ColumnError } from "./errors.ts";

/** A column of a relation. */
export interface RelationColumn {
  readonly name: string;
  readonly type: PageableColumnType;
  readonly nativeType: string;
}

/** What a DuckDB type is to the variable view. */
export function pageableType(nativeType: string): PageableColumnType {
  if (/^(?:U?(?:TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(nativeType)) return "number";
  if (/^U?HUGEINT$/.test(nativeType)) return "bigint";
  if (/^(?:VARCHAR|UUID|ENUM\(.*\))$/.test(nativeType)) return "string";
  if (nativeType === "BOOLEAN") return "boolean";
  return /^(?:DATE|TIMESTAMP.*)$/.test(nativeType) ? "date" : "object";
}

/** The columns as rows show them: times of day and intervals as text, where DuckDB's client has numbers and parts. */
export function shownColumns(columns: readonly RelationColumn[]): string {
  const texts = columns.filter(({ nativeType }) =>
    /^(?:TIME|TIME WITH TIME ZONE|INTERVAL)$/.test(nativeType),
  );
  if (texts.length === 0) return "*";
  const casts = texts.map(({ name }) => `${identifier(name)}::VARCHAR AS ${identifier(name)}`);
  return `* REPLACE (${casts.join(", ")})`;
}

/** A name as SQL takes it. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The column's value, where NaN counts as no value. */
export function valueOf({ name, nativeType }: RelationColumn): string {
  const column = identifier(name);
  return nativeType === "FLOAT" || nativeType === "DOUBLE"
    ? `CASE WHEN isnan(${column}) THEN NULL ELSE ${column} END`
    : column;
}

/** The WHERE clause, with a space before it; empty without filters. Throws {@link ColumnError} for unknown columns. */
export function whereClause(columns: readonly RelationColumn[], filters: readonly PageFilter[]): string {
  const conditions = filters.map((filter) => `(${condition(findColumn(columns, filter.column), filter)})`);
  return conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
}

/** The terms of an ORDER BY; no value comes last in both directions. Throws {@link ColumnError} for unknown columns. */
export function orderTerms(columns: readonly RelationColumn[], sort: readonly PageSort[]): readonly string[] {
  return sort.map(
    ({ column, descending }) =>
      `${valueOf(findColumn(columns, column))} ${descending ? "DESC" : "ASC"} NULLS LAST`,
  );
}

/** The column of that name. Throws {@link ColumnError} where there is none. */
export function findColumn(columns: readonly RelationColumn[], name: string): RelationColumn {
  const found = columns.find((column) => column.name === name);
  if (found === undefined) throw new ColumnError(`there is no column "${name}"`);
  return found;
}

function condition(column: RelationColumn, filter: PageFilter): string {
  const value = valueOf(column);
  switch (filter.op) {
    case "is-null":
      return `${value} IS NULL`;
    case "is-not-null":
      return `${value} IS NOT NULL`;
    case "contains":
      return `contains(lower(${value}::VARCHAR), lower(${text(filter.value)}))`;
    case "one-of":
      return filter.values.length === 0
        ? "false"
        : filter.values.map((each) => `${value} = ${literal(column, each)}`).join(" OR ");
    case "!=":
      return `${value} IS DISTINCT FROM ${literal(column, filter.value)}`;
    default:
      return `${value} ${filter.op} ${literal(column, filter.value)}`;
  }
}

function literal({ name, type, nativeType }: RelationColumn, value: string | number | boolean): string {
  if (typeof value === "boolean") return String(value);
  if (type === "date") {
    const date = new Date(value);
    if (Number.isNaN(date.getTime()))
      throw new ColumnError(`"${value}" is no date to compare "${name}" with`);
    const isZoned = nativeType === "TIMESTAMP WITH TIME ZONE";
    return `CAST(${text(date.toISOString())} AS ${isZoned ? "TIMESTAMPTZ" : "TIMESTAMP"})`;
  }
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : `'${value}'::DOUBLE`;
  if (type === "bigint") return `CAST(${text(value)} AS HUGEINT)`;
  return type === "number" ? `CAST(${text(value)} AS DOUBLE)` : text(value);
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** @file Numbers and categories as SQL expressions. */
import { sqlText } from "../data/sql-text.ts";
import type { SqlColumn } from "./step.ts";

/** A number as DuckDB's DOUBLE, to the last bit: a bare literal with a point would be a DECIMAL. */
export function sqlNumber(value: number): string {
  return `'${value}'::DOUBLE`;
}

/** A list of numbers as SQL, of DuckDB's DOUBLE or INTEGER: one literal, since each element of a list costs the parser. */
export function sqlNumbers(values: readonly number[], type: "DOUBLE" | "INTEGER" = "DOUBLE"): string {
  return `('[${values.join(", ")}]'::${type}[])`;
}

/** A value of a column with few values; null is the missing one. */
export type Category = string | number | null;

/**
 * The position of a column's value among categories, from 0; NULL for a value that isn't among them. Texts and whole
 * numbers are looked up in an ENUM's hash table, other numbers in a list.
 */
export function sqlCategoryPosition(column: SqlColumn, categories: readonly Category[]): string {
  const { type, sql } = column;
  if (type === "text")
    return enumPosition(
      sql,
      categories.map((category) => String(category ?? "")),
    );
  const missing = categories.indexOf(null);
  const known = categories.filter((category) => category !== null);
  const position =
    type === "integer"
      ? enumPosition(`${sql}::VARCHAR`, known.map(String))
      : `(list_position(${sqlNumbers(known.map(Number))}, ${sql}) - 1)`;
  return missing === -1 ? position : `CASE WHEN ${sql} IS NULL THEN ${missing} ELSE ${position} END`;
}

function enumPosition(sql: string, names: readonly string[]): string {
  if (names.length === 0) return "NULL::INTEGER";
  return `enum_code(TRY_CAST(${sql} AS ENUM(${names.map(sqlText).join(", ")})))::INTEGER`;
}

/**
 * How many of ascending edges are at most `x` (or below it, where `isBelow` is "<="), by a search among them; NULL counts
 * as above all.
 */
export function sqlInterval(x: string, edges: readonly number[], isBelow: "<" | "<=" = "<"): string {
  const search = (first: number, end: number): string => {
    if (first === end) return String(first);
    const middle = (first + end) >> 1;
    const edge = sqlNumber(edges[middle] ?? 0);
    return `CASE WHEN ${x} ${isBelow} ${edge} THEN ${search(first, middle)} ELSE ${search(middle + 1, end)} END`;
  };
  return search(0, edges.length);
}

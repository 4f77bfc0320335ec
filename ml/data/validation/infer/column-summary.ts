/** @file What a table's columns hold, as far as suites and schemas are inferred from it: two statements over all rows. */
import { countOf, listOf } from "../answers.ts";
import type { RowValue } from "../../query-result.ts";
import type { TableSource } from "../../table-source.ts";
import { sourceName } from "../scope.ts";
import { isNumeric, sqlColumn, type SqlColumn, type SuiteValue } from "../sql-values.ts";

/** A column and its values, of which NaN counts as missing. */
export interface ColumnSummary {
  readonly column: SqlColumn;
  readonly rows: number;
  /** Rows with a value. */
  readonly present: number;
  /** The least value, where values have an order and there is one; undefined where it is infinite. */
  readonly min: SuiteValue | undefined;
  readonly max: SuiteValue | undefined;
  /** All different values of a column of strings, in order, where there are not too many. */
  readonly values: readonly string[] | undefined;
  /** Whether no value occurs twice; not looked at for fractions, and where it is far from so. */
  readonly isUnique: boolean;
}

const ordered: ReadonlySet<string> = new Set(["string", "date", "time", "timestamp", "timestamptz"]);

/** Looks at all columns. `mostValues` is how many different strings are listed. */
export async function summarizeColumns(
  source: TableSource,
  mostValues: number,
): Promise<readonly ColumnSummary[]> {
  const columns = source.columns.map(sqlColumn);
  const first = columns.flatMap((column, index) => [
    `count(${column.value}) AS n${index}`,
    ...(hasOrder(column)
      ? [`${edge("min", column)} AS min${index}`, `${edge("max", column)} AS max${index}`]
      : []),
    ...(isDiscrete(column) ? [`approx_count_distinct(${column.value}) AS d${index}`] : []),
  ]);
  const [counts = {}] = await rowsOf(
    source,
    `SELECT count(*) AS n, ${first.join(", ") || "NULL"} FROM ${sourceName}`,
  );
  const rows = countOf(counts["n"]);
  const second = columns.flatMap((column, index) => {
    const present = countOf(counts[`n${index}`]);
    // The estimate is off by a few per cent.
    const distinct = countOf(counts[`d${index}`]);
    const values = `SELECT DISTINCT ${column.value} AS v FROM ${sourceName} WHERE ${column.value} IS NOT NULL`;
    return [
      ...(column.type === "string" && distinct <= 2 * mostValues
        ? [`(SELECT list(v ORDER BY v) FROM (${values} LIMIT ${mostValues + 1})) AS v${index}`]
        : []),
      ...(isDiscrete(column) && present > 1 && distinct > 0.8 * present
        ? [`(SELECT count(*) FROM (${values})) AS u${index}`]
        : []),
    ];
  });
  const [details = {}] = second.length === 0 ? [] : await rowsOf(source, `SELECT ${second.join(", ")}`);
  return columns.map((column, index): ColumnSummary => {
    const present = countOf(counts[`n${index}`]);
    const values = listOf(details[`v${index}`]).map(String);
    return {
      column,
      rows,
      present,
      min: bound(counts[`min${index}`]),
      max: bound(counts[`max${index}`]),
      values: values.length > 0 && values.length <= mostValues ? values : undefined,
      isUnique: present > 1 && countOf(details[`u${index}`]) === present,
    };
  });
}

async function rowsOf(
  source: TableSource,
  sql: string,
): Promise<readonly Readonly<Record<string, RowValue>>[]> {
  const { rows } = await source.database.query(
    `WITH ${sourceName} AS NOT MATERIALIZED (${source.sql}\n) ${sql}`,
  );
  return rows;
}

function hasOrder({ type }: SqlColumn): boolean {
  return isNumeric(type) || ordered.has(type);
}

function isDiscrete({ type }: SqlColumn): boolean {
  return /^u?int\d+$/.test(type) || type === "string" || type === "uuid";
}

function edge(name: "min" | "max", { type, value }: SqlColumn): string {
  const isPlain = type === "string" || (isNumeric(type) && type !== "decimal");
  return isPlain ? `${name}(${value})` : `CAST(${name}(${value}) AS VARCHAR)`;
}

function bound(value: RowValue | undefined): SuiteValue | undefined {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return typeof value === "string" ? value : undefined;
}

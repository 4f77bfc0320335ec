/**
 * @file Which columns are worth counting by value first: where a column has few different values, each question about
 * values is asked of those, not of the rows.
 */
import { countOf } from "./answers.ts";
import { identifier } from "../relation-sql.ts";
import type { TableSource } from "../table-source.ts";
import type { Ask } from "./expectation.ts";
import { sourceName } from "./scope.ts";

/** How many rows are looked at, and how many different values among them are few. */
const probedRows = 20_480;
const fewValues = 2048;

/** The name of the column that says how many rows have a value. */
export const countName = "tenon_count";

/** The columns, of those that are asked about at least twice, with few different values in the first rows. */
export async function columnsWithFewValues(
  source: TableSource,
  asks: readonly Ask[],
): Promise<ReadonlySet<string>> {
  const statements = new Map<string, Set<string>>();
  for (const { sql, counted } of asks) {
    if (counted === undefined || counted.column === countName) continue;
    statements.set(counted.column, (statements.get(counted.column) ?? new Set()).add(sql));
  }
  const names = [...statements].filter(([, asked]) => asked.size > 1).map(([name]) => name);
  if (names.length === 0) return new Set();
  const counts = names.map((name, index) => `count(DISTINCT ${identifier(name)}) AS d${index}`);
  const { rows } = await source.database.query(
    `WITH ${sourceName} AS NOT MATERIALIZED (${source.sql}\n) SELECT count(*) AS n, ${counts.join(", ")}
     FROM (SELECT ${names.map(identifier).join(", ")} FROM ${sourceName} LIMIT ${probedRows})`,
  );
  const [row = {}] = rows;
  // A small table is as quickly read.
  if (countOf(row["n"]) < probedRows) return new Set();
  return new Set(names.filter((_, index) => countOf(row[`d${index}`]) <= fewValues));
}

/** The values of a column with how many rows have each, missing ones included, as SQL. */
export function countedValues(name: string): string {
  const column = identifier(name);
  return `SELECT ${column}, count(*) AS ${countName} FROM ${sourceName} GROUP BY ${column}`;
}

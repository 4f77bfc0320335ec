/** @file How many different values a column has. */
import { ofColumn, query, type Ask } from "../expectation.ts";
import type { Scope } from "../scope.ts";
import type { SqlColumn } from "../sql-values.ts";

/** Asks for the number of different values, missing ones left out. */
export function distinctCount(scope: Scope, column: SqlColumn): Ask {
  const { value } = column;
  const present = `${value} IS NOT NULL`;
  // A grouping, unlike count(DISTINCT …), is shared by the threads and spills to disk.
  const ask = query(`SELECT count(*) FROM (SELECT ${value} AS v ${scope.from(present)} GROUP BY 1)`);
  return ofColumn(scope, column, ask, (from) => `SELECT count(*) FROM ${from} WHERE ${present}`);
}

/** @file How many different values a column has: one grouping answers every expectation that asks. */
import { query, type Ask } from "../expectation.ts";
import type { Scope } from "../scope.ts";
import type { SqlColumn } from "../sql-values.ts";

/** Asks for the number of different values, missing ones left out. */
export function distinctCount(scope: Scope, { value }: SqlColumn): Ask {
  // A grouping, unlike count(DISTINCT …), is shared by the threads and spills to disk.
  return query(
    `SELECT count(*) FROM (SELECT ${value} AS v ${scope.from(`${value} IS NOT NULL`)} GROUP BY v)`,
  );
}

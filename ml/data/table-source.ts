/** @file A query with its columns: what every step over a table (validation, profile, features) reads. */
import type { Database } from "./database.ts";
import type { ColumnDescription } from "./query-result.ts";

/** Rows that are in a database, or reachable by it, and have not been read. A table is one; so is any query. */
export interface TableSource {
  readonly database: Database;
  /** A `SELECT` or `FROM` statement without a semicolon: it may stand in `FROM (…)`, and gives the same rows when asked again. */
  readonly sql: string;
  /** The columns in order, with DuckDB's names for their types; names are unique. */
  readonly columns: readonly ColumnDescription[];
}

/**
 * The rows of a query as a source; only its columns are asked for now.
 * @throws {@link QueryError} where DuckDB refuses the query
 */
export async function tableSource(database: Database, sql: string): Promise<TableSource> {
  const query = sql.replace(/[\s;]+$/, "");
  const { columns } = await database.query(`SELECT * FROM (${query}\n) LIMIT 0`);
  return { database, sql: query, columns };
}

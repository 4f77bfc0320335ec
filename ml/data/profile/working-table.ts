/**
 * @file The rows that a profile looks at, several times: a temporary table of them where they are not too many, else the
 * source itself; and a sample for what would cost too much on all rows.
 *
 * Columns are named `c0`, `c1`, … in both. Temporary tables spill to disk as all of DuckDB's do, and are dropped at the end.
 */
import type { Database } from "../database.ts";
import { identifier } from "../relation-sql.ts";
import type { TableSource } from "../table-source.ts";
import { numberOf } from "./aggregate-query.ts";
import { examinedColumns, type ExaminedColumn } from "./examined-column.ts";

/** Beyond so many values a copy costs more memory than reading the source again costs time. */
const copiedValues = 40_000_000;

/** Rows of a sample, which is made where more rows than are examined exactly are there. */
const mostSampled = 50_000;

let tables = 0;
/** Tables that could not be dropped: an interrupt stops that too. */
const leftovers = new WeakMap<Database, Set<string>>();

/** Rows under examination. */
export interface WorkingTable {
  readonly database: Database;
  readonly columns: readonly ExaminedColumn[];
  readonly rows: number;
  /** All rows, to stand after FROM. */
  readonly all: string;
  /** The rows of the sample, to stand after FROM; the same as `all` where these are few enough. */
  readonly sample: string;
  readonly sampledRows: number;
  readonly isSampled: boolean;
}

/**
 * Gives `examine` the rows of a source, and a sample of them where they are more than `exactRows`; drops what was made for
 * it.
 * @throws {@link QueryError} where DuckDB cannot run the source's query
 */
export async function withWorkingTable<T>(
  { database, sql, columns: described }: TableSource,
  exactRows: number,
  examine: (table: WorkingTable) => Promise<T>,
): Promise<T> {
  tables += 1;
  const [copy, sample] = [`temp.tenon_rows_${tables}`, `temp.tenon_sample_${tables}`];
  const columns = examinedColumns(described);
  const selected = columns.map(({ name, id }) => `${identifier(name)} AS ${id}`).join(", ");
  const query = `(SELECT ${selected} FROM (${sql}\n))`;
  const most = Math.max(exactRows, Math.floor(copiedValues / Math.max(1, columns.length)));
  try {
    // Counting first costs little where the number stands in the file, and a LIMIT in its place halves the speed.
    const isWhole = (await count(database, query)) <= most;
    if (isWhole) await database.run(`CREATE TEMP TABLE ${copy} AS FROM ${query}`);
    const all = isWhole ? copy : query;
    const rows = await count(database, all);
    const table = { database, columns, rows, all };
    if (rows <= exactRows)
      return await examine({ ...table, sample: all, sampledRows: rows, isSampled: false });
    // A row's number decides, hashed: the same rows each time, whatever the order of the values.
    const numbered = isWhole
      ? `SELECT *, rowid AS row FROM ${copy}`
      : `SELECT *, row_number() OVER () - 1 AS row FROM ${query}`;
    const share = Math.round((Math.min(exactRows, mostSampled) / rows) * 2 ** 32);
    await database.run(
      `CREATE TEMP TABLE ${sample} AS SELECT * EXCLUDE row FROM (${numbered}) WHERE hash(row::BIGINT) % ${2 ** 32} < ${share}`,
    );
    const sampledRows = await count(database, sample);
    return await examine({ ...table, sample, sampledRows, isSampled: true });
  } finally {
    await dropTables(database, [copy, sample]);
  }
}

/** Drops the tables, and those that an interrupted examination left. */
async function dropTables(database: Database, names: readonly string[]): Promise<void> {
  const left = leftovers.get(database) ?? new Set();
  leftovers.set(database, left);
  for (const name of names) left.add(name);
  try {
    for (const name of left) {
      await database.run(`DROP TABLE IF EXISTS ${name}`);
      left.delete(name);
    }
  } catch {
    // What failed before is what the user should see; the next examination tries again.
  }
}

async function count(database: Database, from: string): Promise<number> {
  const { rows } = await database.query(`SELECT count(*) AS n FROM ${from}`);
  return numberOf(rows[0]?.["n"]);
}

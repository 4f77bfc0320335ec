/** @file The columns of a stored reference as a table. */
import * as v from "valibot";
import { sqlText } from "../../../ml/data/sql-text.ts";
import type { Database } from "../../../ml/data/index.ts";
import { identifier } from "../../../ml/data/relation-sql.ts";
import { tableSource, type TableSource } from "../../../ml/data/table-source.ts";

const value = v.nullable(v.union([v.number(), v.string(), v.boolean()]));

/** Columns by name, each with DuckDB's name of its type. */
export const referenceColumns = v.record(v.string(), v.object({ type: v.string(), values: v.array(value) }));

/** As {@link referenceColumns} parses them. */
export type ReferenceColumns = v.InferOutput<typeof referenceColumns>;

/** The columns as a table of the database. */
export async function referenceTable(
  database: Database,
  name: string,
  columns: ReferenceColumns,
): Promise<TableSource> {
  const entries = Object.entries(columns);
  const rows = entries[0]?.[1].values.length ?? 0;
  const literals = Array.from({ length: rows }, (_, row) =>
    entries
      .map(([, { values }]) => (values[row] === null ? "NULL" : sqlText(String(values[row]))))
      .join(", "),
  );
  const types = entries.map(([column, { type }]) => `${identifier(column)} ${type}`);
  await database.run(`CREATE OR REPLACE TABLE ${identifier(name)} (${types.join(", ")})`);
  await database.run(
    `INSERT INTO ${identifier(name)} VALUES ${literals.map((row) => `(${row})`).join(", ")}`,
  );
  return tableSource(database, `FROM ${identifier(name)}`);
}

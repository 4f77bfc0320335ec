/** @file The tables of `test/reference/expectations.json` in DuckDB. */
import * as v from "valibot";
import {
  openDatabase,
  sqlText,
  tableSource,
  type Database,
  type TableSource,
} from "../../../ml/data/index.ts";
import { readReference } from "../reference.ts";

const value = v.nullable(v.union([v.number(), v.string(), v.boolean()]));
const schema = v.object({
  generator: v.string(),
  tables: v.record(
    v.string(),
    v.array(v.object({ name: v.string(), type: v.string(), values: v.array(value) })),
  ),
  cases: v.array(
    v.object({
      table: v.string(),
      type: v.string(),
      kwargs: v.record(v.string(), v.unknown()),
      success: v.boolean(),
      result: v.record(v.string(), v.unknown()),
    }),
  ),
});

/** One expectation, and what Great Expectations found. */
export type ReferenceCase = v.InferOutput<typeof schema>["cases"][number];

const sqlTypes: Readonly<Record<string, string>> = {
  int64: "BIGINT",
  nullable: "BIGINT",
  float64: "DOUBLE",
  string: "VARCHAR",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP",
};

/** Reads the reference values. */
export const expectationsReference = readReference("expectations", schema);

/** Makes the tables, in the order of their rows. */
export async function loadTables(): Promise<{
  readonly database: Database;
  readonly sources: ReadonlyMap<string, TableSource>;
}> {
  const database = await openDatabase({ threads: 2 });
  const sources = new Map<string, TableSource>();
  for (const [name, columns] of Object.entries(expectationsReference.tables)) {
    const types = columns.map((column) => `"${column.name}" ${sqlTypes[column.type]}`);
    await database.run(`CREATE TABLE "${name}" (${types.join(", ")})`);
    const length = columns[0]?.values.length ?? 0;
    const rows = Array.from({ length }, (_, row) => {
      const cells = columns.map(({ values }) => {
        const cell = values[row] ?? null;
        return cell === null ? "NULL" : sqlText(String(cell));
      });
      return `(${cells.join(", ")})`;
    });
    if (rows.length > 0) await database.run(`INSERT INTO "${name}" VALUES ${rows.join(", ")}`);
    sources.set(name, await tableSource(database, `FROM "${name}"`));
  }
  return { database, sources };
}

/** @file The columns of a query as doubles and texts. */
import type { Database } from "../data/database.ts";
import { ColumnError } from "../data/errors.ts";
import { identifier } from "../data/relation-sql.ts";
import { Table } from "../data/table.ts";
import { stage, type Named } from "./staged-rows.ts";
import type { ReadArrays, ReadAs } from "./step.ts";

/**
 * Reads columns of a query, in the order of its rows.
 * @throws {@link ColumnError} for a missing text
 */
export async function readArrays<const S extends ReadAs>(
  database: Database,
  sql: string,
  schema: S,
): Promise<ReadArrays<S>> {
  const columns = Object.entries<ReadAs[string]>(schema).map(([name, as]) => ({
    name,
    type: as === "number" ? "DOUBLE" : "VARCHAR",
  }));
  const casts = columns.map(({ name, type }): Named => [name, `${identifier(name)}::${type}`]);
  const query = new Table({
    database,
    sql: `FROM ${stage(`(${sql})`, casts)}`,
    columns,
    files: [],
    isOrdered: true,
  });
  const arrays: Readonly<Record<string, unknown>> = await query.arrays();
  for (const { name, type } of columns) {
    const isRight = type === "DOUBLE" ? arrays[name] instanceof Float64Array : Array.isArray(arrays[name]);
    if (!isRight) throw new ColumnError(`column "${name}" was not read as ${type}`);
  }
  // SAFETY: each array was just seen to be of the kind that the schema says.
  return arrays as ReadArrays<S>;
}

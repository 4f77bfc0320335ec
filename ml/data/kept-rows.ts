/**
 * @file The rows of a table kept in memory in one order, of which any may be asked for: what resampling needs.
 *
 * They stand in the database's `tenon_memory`, beside the user's tables, until they are let go.
 */
import { randomUUID } from "node:crypto";
import { UINTEGER } from "@duckdb/node-api";
import { requireUnchanged } from "./file-stamps.ts";
import { dropStored, numberColumn, storeColumns } from "./memory-tables.ts";
import { identifier } from "./relation-sql.ts";
import { Table } from "./table.ts";
import type { TableSource } from "./table-source.ts";

/** Rows in memory; see {@link keepRows}. */
export class KeptRows implements AsyncDisposable {
  /** All rows, in their order. */
  readonly all: Table;
  readonly #name: string;
  readonly #number: string;

  /** @internal */
  constructor(all: Table, name: string, number: string) {
    this.all = all;
    this.#name = name;
    this.#number = number;
  }

  /** Calls back with the rows of these numbers as a table, in the order of the numbers. */
  async with<Result>(rows: Uint32Array, use: (part: Table) => Promise<Result>): Promise<Result> {
    const { database, columns } = this.all;
    const part = await storeColumns(database, [
      [numberColumn("row", UINTEGER, rows), numberColumn("place", UINTEGER, Uint32Array.from(rows.keys()))],
    ]);
    const names = columns.map(({ name }) => `k.${identifier(name)}`).join(", ");
    const from = `FROM (${part.sql}) p JOIN ${this.#name} k ON k.${this.#number} = p.row`;
    try {
      return await use(
        new Table({
          database,
          sql: `SELECT ${names} ${from} ORDER BY p.place`,
          columns,
          files: [],
          isOrdered: true,
        }),
      );
    } finally {
      await dropStored(part);
    }
  }

  /** Lets the rows go. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.all.database.run(`DROP TABLE ${this.#name}`);
  }
}

/**
 * Computes a table's rows once and keeps them in memory.
 * @throws {@link QueryError} where the query fails, {@link FileChangedError} where a file of the table has changed
 */
export async function keepRows(table: TableSource): Promise<KeptRows> {
  const { database, columns } = table;
  const name = `tenon_memory.main.${identifier(`kept_${randomUUID()}`)}`;
  const number = identifier(`row_${randomUUID()}`);
  await database.run("ATTACH IF NOT EXISTS ':memory:' AS tenon_memory");
  await database.run(
    `CREATE TABLE ${name} AS SELECT *, row_number() OVER () - 1 AS ${number} FROM (${table.sql}\n)`,
  );
  if (table instanceof Table) await requireUnchanged(table.files);
  const names = columns.map((column) => identifier(column.name)).join(", ");
  const all = new Table({
    database,
    sql: `SELECT ${names} FROM ${name} ORDER BY ${number}`,
    columns,
    files: [],
    isOrdered: true,
  });
  return new KeptRows(all, name, number);
}

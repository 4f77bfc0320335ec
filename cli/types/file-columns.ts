/** @file The columns of a file, as `read` of `tenon/data` finds them. */
import type { TableColumn } from "../../cells/tables/file-columns.ts";
import { columnType } from "../../ml/data/column-types.ts";
import { openDatabase, sqlText, type Database } from "../../ml/data/database.ts";

/** Looks at files: what a file holds besides its columns is not read. */
export class FileColumnReader {
  #database: Promise<Database> | undefined;

  /** Has DuckDB loaded. */
  async prepare(): Promise<void> {
    await this.#open();
  }

  /**
   * The columns of a file or a pattern of files, in their order.
   * @throws {QueryError} where DuckDB cannot read it.
   */
  async columns(path: string): Promise<readonly TableColumn[]> {
    const database = await this.#open();
    const { columns } = await database.query(`SELECT * FROM ${sqlText(path)} LIMIT 0`);
    return columns.map(({ name, type }) => ({ name, type: columnType(type) }));
  }

  /** Closes the database. */
  async close(): Promise<void> {
    (await this.#database)?.close();
  }

  async #open(): Promise<Database> {
    this.#database ??= openDatabase({ threads: 2, memoryLimit: "512MB" });
    return await this.#database;
  }
}

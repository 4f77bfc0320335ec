/** @file The columns of a file, as `read` of `tenon/data` finds them. */
import type { TableColumn } from "../../cells/tables/file-columns.ts";
import { columnType } from "../../ml/data/column-types.ts";
import { openDatabase, type Database } from "../../ml/data/database.ts";
import { read } from "../../ml/data/read.ts";

/** Looks at files: what a file holds besides its columns is not read. */
export class FileColumnReader {
  #database: Promise<Database> | undefined;

  /** Has DuckDB loaded. */
  async prepare(): Promise<void> {
    await this.#open();
  }

  /**
   * The columns of a file or a pattern of files, in their order.
   * @throws {TableFileError} where it cannot be read.
   */
  async columns(path: string): Promise<readonly TableColumn[]> {
    const database = await this.#open();
    const { columns } = await read(path, { database });
    return columns.map(({ name, type }) => ({ name, type: columnType(type) }));
  }

  /**
   * The files that a pattern names, in the order of their names; anything else as it is.
   * @throws {Error} where it names none.
   */
  async files(pattern: string): Promise<readonly string[]> {
    if (!/[*?[]/.test(pattern)) return [pattern];
    const database = await this.#open();
    const { rows } = await database.query("SELECT file FROM glob($pattern) ORDER BY file", { pattern });
    if (rows.length === 0) throw new Error("no file matches");
    return rows.flatMap(({ file }) => (typeof file === "string" ? [file] : []));
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

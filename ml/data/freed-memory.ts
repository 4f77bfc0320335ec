/**
 * @file Memory that DuckDB has freed goes back to the system.
 *
 * Its allocator keeps what a large query freed for queries of the same thread. The next one may run on another, and then
 * the process holds both. Setting the memory limit, if only to what it is, gives all of it back, in about 0.2 ms for each
 * MiB. So this is done after statements with which the process has grown by a lot, unless the limit is no longer the one
 * that the database was opened with.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { sqlText } from "./sql-text.ts";

const growth = 256 * 2 ** 20;

/** Watches the process for one database. */
export class FreedMemory {
  readonly #connection: DuckDBConnection;
  readonly #setLimit: string;
  readonly #shownLimit: unknown;
  #held = process.memoryUsage.rss();

  private constructor(connection: DuckDBConnection, setLimit: string, shownLimit: unknown) {
    this.#connection = connection;
    this.#setLimit = setLimit;
    this.#shownLimit = shownLimit;
  }

  /** Watches for a database that was just opened, with a limit or DuckDB's own. */
  static async of(connection: DuckDBConnection, limit: string | undefined): Promise<FreedMemory> {
    const setLimit = `SET memory_limit = ${sqlText(limit ?? String(await shownLimit(connection)))}`;
    // What is shown is rounded, and so a little less than the limit: what is shown after setting it stays the same.
    await connection.run(setLimit);
    return new FreedMemory(connection, setLimit, await shownLimit(connection));
  }

  /** To be called after a statement. */
  async giveBack(): Promise<void> {
    const held = process.memoryUsage.rss();
    this.#held = Math.min(this.#held, held);
    if (held - this.#held < growth) return;
    try {
      if ((await shownLimit(this.#connection)) === this.#shownLimit)
        await this.#connection.run(this.#setLimit);
    } catch {
      // Where the configuration is locked, or the database has been closed, the memory stays where it is.
    }
    this.#held = process.memoryUsage.rss();
  }
}

async function shownLimit(connection: DuckDBConnection): Promise<unknown> {
  const result = await connection.run("SELECT current_setting('memory_limit')");
  return (await result.getRows())[0]?.[0];
}

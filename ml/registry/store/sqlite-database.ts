/**
 * @file A SQLite database: prepared statements by their text, values as parameters, transactions.
 *
 * Several processes may write one file: it is in WAL mode, and every transaction that writes takes the write lock at its
 * start, so that none fails in its middle because another was quicker. What is committed survives the process's death. There is
 * one connection, so in this process everything else waits while a transaction is open; nothing waits while none is.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import Libsql from "libsql";
import { Database, type SqlValue } from "./database.ts";
import { sqlite } from "./dialect.ts";

/** How long a writer waits for another process, in milliseconds. */
const lockTimeout = 30_000;

/** A transaction, and when it ends. */
interface Transaction {
  readonly ended: Promise<void>;
}

export class SqliteDatabase extends Database {
  override readonly dialect = sqlite;
  readonly #database: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  /** The transaction that the running code is in. */
  readonly #inside = new AsyncLocalStorage<Transaction>();
  #open: Transaction | undefined;

  /** Opens or makes the file. Throws what the system says when it cannot. */
  constructor(path: string) {
    super();
    this.#database = new Libsql(path);
    this.#database.exec(`PRAGMA busy_timeout = ${lockTimeout}`);
    this.#database.exec("PRAGMA journal_mode = WAL");
    this.#database.exec("PRAGMA synchronous = NORMAL");
    this.#database.exec("PRAGMA foreign_keys = ON");
    this.#database.exec("PRAGMA cache_size = -32768");
    // MLflow's LIKE tells cases apart, its ILIKE does not.
    this.#database.exec("PRAGMA case_sensitive_like = ON");
  }

  override async rows(
    text: string,
    ...values: readonly SqlValue[]
  ): Promise<readonly (readonly SqlValue[])[]> {
    if (this.#open) await this.#turn();
    // Values go as one list: many as arguments fill the driver's stack.
    // SAFETY: raw statements give arrays of what SQLite holds; no blob is ever stored.
    return this.#prepared(text).raw(true).all(values) as SqlValue[][];
  }

  override async run(text: string, ...values: readonly SqlValue[]): Promise<number> {
    if (this.#open) await this.#turn();
    return this.#prepared(text).run(values).changes;
  }

  override async script(text: string): Promise<void> {
    if (this.#open) await this.#turn();
    this.#database.exec(text);
  }

  override async write<T>(work: () => Promise<T>): Promise<T> {
    if (this.#open && this.#inside.getStore() === this.#open) return work();
    while (this.#open) await this.#open.ended;
    this.#database.exec("BEGIN IMMEDIATE");
    let end = (): void => {};
    const transaction: Transaction = { ended: new Promise((resolve) => (end = resolve)) };
    this.#open = transaction;
    try {
      const result = await this.#inside.run(transaction, work);
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
      throw error;
    } finally {
      this.#open = undefined;
      end();
    }
  }

  override async lock(): Promise<void> {
    // Whoever writes is alone.
  }

  override async size(): Promise<number> {
    const row = await this.row("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    return Number(row?.[0]);
  }

  override async close(): Promise<void> {
    while (this.#open) await this.#open.ended;
    this.#statements.clear();
    this.#database.close();
  }

  /** Waits while a transaction is open that the running code is not in. */
  async #turn(): Promise<void> {
    while (this.#open && this.#inside.getStore() !== this.#open) await this.#open.ended;
  }

  #prepared(text: string): Libsql.Statement {
    const known = this.#statements.get(text);
    if (known) return known;
    // Searches have as many texts as there are filters: the oldest is let go.
    if (this.#statements.size >= 500)
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest);
        break;
      }
    const statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}

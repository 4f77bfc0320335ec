/**
 * @file A SQLite database: prepared statements by their text, values as parameters, transactions.
 *
 * Several processes may write one file: it is in WAL mode, and every transaction that writes takes the write lock at its
 * start, so that none fails in its middle because another was quicker. What is committed survives the process's death. There is
 * one connection, so in this process everything else waits while a transaction is open; nothing waits while none is. Where another
 * process has the lock, who needs it asks again and again: SQLite's own waiting would stop the thread, and with it all who read.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout } from "node:timers/promises";
import Libsql from "libsql";
import { Database, type SqlValue } from "./database.ts";
import { sqlite } from "./dialect.ts";

/** How long a writer waits for another process, in milliseconds. */
const defaultLockTimeout = 30_000;
/** How long it waits before it asks again, in milliseconds: as SQLite's own waiting does; the last stays. */
const pauses = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100] as const;

/** Something that others wait for. */
interface Span {
  readonly ended: Promise<void>;
  readonly end: () => void;
}

function span(): Span {
  let end = (): void => {};
  return { ended: new Promise((resolve) => (end = resolve)), end: () => end() };
}

export class SqliteDatabase extends Database {
  override readonly dialect = sqlite;
  readonly #database: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  /** The transaction that the running code is in. */
  readonly #inside = new AsyncLocalStorage<Span>();
  readonly #lockTimeout: number;
  /** The open transaction. */
  #open: Span | undefined;
  /** Who writes, or waits for another process to do so. */
  #writer: Span | undefined;

  /**
   * Opens or makes the file. `lockTimeout`: how long a writer waits for another process, in milliseconds. Throws what the system
   * says when it cannot.
   */
  constructor(path: string, lockTimeout = defaultLockTimeout) {
    super();
    this.#lockTimeout = lockTimeout;
    this.#database = new Libsql(path);
    this.#database.exec(`PRAGMA busy_timeout = ${lockTimeout}`);
    this.#database.exec("PRAGMA journal_mode = WAL");
    this.#database.exec("PRAGMA synchronous = NORMAL");
    this.#database.exec("PRAGMA foreign_keys = ON");
    this.#database.exec("PRAGMA cache_size = -32768");
    // MLflow's LIKE tells cases apart, its ILIKE does not.
    this.#database.exec("PRAGMA case_sensitive_like = ON");
    this.#database.exec("PRAGMA busy_timeout = 0");
  }

  override async rows(
    text: string,
    ...values: readonly SqlValue[]
  ): Promise<readonly (readonly SqlValue[])[]> {
    // Values go as one list: many as arguments fill the driver's stack.
    // SAFETY: raw statements give arrays of what SQLite holds; no blob is ever stored.
    return this.#inTurn(() => this.#prepared(text).all(values) as SqlValue[][]);
  }

  override async row(text: string, ...values: readonly SqlValue[]): Promise<readonly SqlValue[] | undefined> {
    // SAFETY: as above.
    return this.#inTurn(() => this.#prepared(text).get(values) as SqlValue[] | undefined);
  }

  override async run(text: string, ...values: readonly SqlValue[]): Promise<number> {
    // The driver leaves a statement that met another's lock begun until it runs again, and no transaction can end meanwhile: so the
    // lock comes first.
    return this.write(async () => this.#prepared(text).run(values).changes);
  }

  override async script(text: string): Promise<void> {
    return this.#inTurn(() => void this.#database.exec(text));
  }

  override async write<T>(work: () => Promise<T>): Promise<T> {
    if (this.#open && this.#inside.getStore() === this.#open) return work();
    while (this.#writer) await this.#writer.ended;
    const transaction = span();
    this.#writer = transaction;
    try {
      await this.#whenUnlocked(() => {
        this.#database.exec("BEGIN IMMEDIATE");
        this.#open = transaction;
      });
      const result = await this.#inside.run(transaction, work);
      await this.#whenUnlocked(() => this.#database.exec("COMMIT"), transaction);
      return result;
    } catch (error) {
      if (this.#open === transaction && this.#database.inTransaction) this.#database.exec("ROLLBACK");
      throw error;
    } finally {
      this.#open = undefined;
      this.#writer = undefined;
      transaction.end();
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
    while (this.#writer) await this.#writer.ended;
    this.#statements.clear();
    this.#database.close();
  }

  /** Does `work` in the running code's transaction, or when none is open. */
  async #inTurn<T>(work: () => T): Promise<T> {
    return this.#open && this.#inside.getStore() === this.#open ? work() : this.#whenUnlocked(work);
  }

  /**
   * Does `work` when no transaction but `own` is open, and other processes let it. Throws SQLite's SQLITE_BUSY where they don't in
   * time.
   */
  async #whenUnlocked<T>(work: () => T, own?: Span): Promise<T> {
    const begin = performance.now();
    for (let tries = 0; ; tries++) {
      while (this.#open && this.#open !== own) await this.#open.ended;
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || performance.now() - begin > this.#lockTimeout) throw error;
        await setTimeout(pauses[tries] ?? pauses.at(-1));
      }
    }
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
    // Rows are lists of their columns.
    if (statement.reader) statement.raw(true);
    this.#statements.set(text, statement);
    return statement;
  }
}

/** Whether another process has the lock. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
}

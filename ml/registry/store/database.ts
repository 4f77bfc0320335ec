/**
 * @file A SQLite database: prepared statements by their text, values as parameters, transactions.
 *
 * Several processes may write one file: it is in WAL mode, and every transaction that writes takes the write lock at its
 * start, so that none fails in its middle because another was quicker. What is committed survives the process's death.
 */
import Libsql from "libsql";
import { MlflowError } from "../mlflow-error.ts";

/** What a parameter can be. Others (booleans among them) end the process inside the driver. */
export type SqlValue = number | string | null;

/** Text with a `?` for each value. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** How long a writer waits for another process, in milliseconds. */
const lockTimeout = 30_000;

export class Database {
  readonly #database: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();

  /** Opens or makes the file. Throws what the system says when it cannot. */
  constructor(path: string) {
    this.#database = new Libsql(path);
    this.#database.exec(`PRAGMA busy_timeout = ${lockTimeout}`);
    this.#database.exec("PRAGMA journal_mode = WAL");
    this.#database.exec("PRAGMA synchronous = NORMAL");
    this.#database.exec("PRAGMA foreign_keys = ON");
    this.#database.exec("PRAGMA cache_size = -32768");
    // MLflow's LIKE tells cases apart, its ILIKE does not.
    this.#database.exec("PRAGMA case_sensitive_like = ON");
  }

  /** All rows, each an array of its columns. */
  rows(text: string, ...values: readonly SqlValue[]): readonly (readonly SqlValue[])[] {
    // SAFETY: raw statements give arrays of what SQLite holds; no blob is ever stored.
    return this.#statement(text).all(...values) as SqlValue[][];
  }

  /** The first row. */
  row(text: string, ...values: readonly SqlValue[]): readonly SqlValue[] | undefined {
    return this.rows(text, ...values)[0];
  }

  /** The first column of all rows, which holds texts. */
  texts(text: string, ...values: readonly SqlValue[]): string[] {
    return this.rows(text, ...values).map(([value]) => String(value));
  }

  /** Runs a statement that gives no rows; returns how many rows it changed. */
  run(text: string, ...values: readonly SqlValue[]): number {
    return this.#prepared(text).run(...values).changes;
  }

  /** Runs statements of a migration. */
  script(text: string): void {
    this.#database.exec(text);
  }

  /** Does all of `work` or, when it throws, nothing. Inside another transaction it is a part of that one. */
  write<T>(work: () => T): T {
    if (this.#database.inTransaction) return work();
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #statement(text: string): Libsql.Statement {
    const statement = this.#prepared(text);
    return statement.raw(true);
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

/** Whether an error says that a value that must be unique is there already. */
export function isUniqueViolation(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "SQLITE_CONSTRAINT_UNIQUE" || error.code === "SQLITE_CONSTRAINT_PRIMARYKEY")
  );
}

/** Does `work`; a value that must be unique and is there already becomes MLflow's error with this message. */
export function refuseExisting<T>(message: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new MlflowError("RESOURCE_ALREADY_EXISTS", message, { cause: error });
  }
}

/** `(?, ?), (?, ?)` for this many rows and columns. */
export function placeholders(rows: number, columns: number): string {
  const row = `(${Array.from({ length: columns }, () => "?").join(", ")})`;
  return Array.from({ length: rows }, () => row).join(", ");
}

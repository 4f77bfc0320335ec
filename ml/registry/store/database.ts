/**
 * @file The database of a store, whichever it is: SQL with `?` for each value, transactions, locks.
 *
 * SQL is written so that SQLite and Postgres both take it; where they cannot agree, a {@link Dialect} has the words. Tables are
 * written for SQLite, see `postgres-tables.ts`.
 */
import { MlflowError } from "../mlflow-error.ts";
import type { Dialect } from "./dialect.ts";

/** What a parameter can be. Others (booleans among them) end the process inside SQLite's driver. */
export type SqlValue = number | string | null;

/** Text with a `?` for each value. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

export abstract class Database {
  abstract readonly dialect: Dialect;

  /** All rows, each an array of its columns; whole numbers and booleans are numbers. */
  abstract rows(text: string, ...values: readonly SqlValue[]): Promise<readonly (readonly SqlValue[])[]>;

  /** Runs a statement that gives no rows; returns how many rows it changed. */
  abstract run(text: string, ...values: readonly SqlValue[]): Promise<number>;

  /** Runs statements of a migration, which are written for SQLite. */
  abstract script(text: string): Promise<void>;

  /**
   * Does all of `work` or, when it throws, nothing. Inside another transaction it is a part of that one. What `work` awaits is
   * the database alone: nobody else writes meanwhile to SQLite; on Postgres others do, what it reads to decide what it writes
   * is guarded by {@link lock}, and it is done once more where the database asks for that.
   */
  abstract write<T>(work: () => Promise<T>): Promise<T>;

  /** In a transaction: waits until no other transaction, of whichever server, holds this lock, and holds it to its end. */
  abstract lock(name: string): Promise<void>;

  /** How many bytes the database takes. */
  abstract size(): Promise<number>;

  abstract close(): Promise<void>;

  /** The first row. */
  async row(text: string, ...values: readonly SqlValue[]): Promise<readonly SqlValue[] | undefined> {
    return (await this.rows(text, ...values))[0];
  }

  /** The first column of all rows, which holds texts. */
  async texts(text: string, ...values: readonly SqlValue[]): Promise<string[]> {
    return (await this.rows(text, ...values)).map(([value]) => String(value));
  }
}

/** Whether an error says that a value that must be unique is there already. */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error && "code" in error)) return false;
  const { code } = error;
  return code === "SQLITE_CONSTRAINT_UNIQUE" || code === "SQLITE_CONSTRAINT_PRIMARYKEY" || code === "23505";
}

/** Does `work`; a value that must be unique and is there already becomes MLflow's error with this message. */
export async function refuseExisting<T>(message: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
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

/** Keys to a statement that reads many: few texts of statements, so that each is prepared once. */
const keysPerStatement = 100;

/**
 * The JSON of many rows in their keys' order. `select` makes the statement, whose columns are the key and the JSON, of the list
 * in which its key must be.
 */
export async function jsonOfKeys(
  database: Database,
  keys: readonly (number | string)[],
  select: (list: string) => string,
): Promise<string[]> {
  const found = new Map<SqlValue, string>();
  for (let at = 0; at < keys.length; at += keysPerStatement) {
    const part: SqlValue[] = keys.slice(at, at + keysPerStatement);
    const length = part.length === 1 ? 1 : keysPerStatement;
    // The last statement's list is filled with a key that is there.
    while (part.length < length) part.push(part[0] ?? null);
    for (const [key, json] of await database.rows(select(placeholders(1, length)), ...part))
      found.set(key ?? null, String(json));
  }
  return keys.flatMap((key) => found.get(key) ?? []);
}

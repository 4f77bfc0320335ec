/**
 * @file A Postgres database, which several servers may use at once.
 *
 * A transaction has a connection of its own, and what runs inside it finds it; everything else takes one of the pool. One that
 * Postgres ends for the sake of another (a deadlock, a conflict) is done once more.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout } from "node:timers/promises";
import type { ClientBase, Pool, PoolClient } from "pg";
import { invalidParameter, MlflowError } from "../mlflow-error.ts";
import { Database, type SqlValue } from "./database.ts";
import { postgres } from "./dialect.ts";
import { postgresTables } from "./postgres-tables.ts";

/** Connections of one server. */
const mostConnections = 10;
/** How long a connection may take, and a statement, in milliseconds. */
const connectionTimeout = 15_000;
const statementTimeout = 120_000;
const mostTries = 10;
/** Statements that each connection keeps prepared. */
const mostPrepared = 200;

interface Transaction {
  readonly client: PoolClient;
  open: boolean;
}

/** What is sent: numbered values instead of `?`, and a name where it stays prepared. */
interface Statement {
  readonly text: string;
  readonly name: string | undefined;
}

/** Whether a text is the URL of a Postgres database. */
export function isPostgresUrl(url: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(url);
}

export class PostgresDatabase extends Database {
  override readonly dialect = postgres;
  readonly #pool: Pool;
  readonly #inside = new AsyncLocalStorage<Transaction>();
  readonly #statements = new Map<string, Statement>();

  private constructor(pool: Pool) {
    super();
    this.#pool = pool;
    // A connection that breaks while it is idle is replaced by the next that is needed.
    pool.on("error", () => {});
  }

  /** Connects to a database by its URL. Rejects with Postgres's or the system's error. */
  static async open(url: string): Promise<PostgresDatabase> {
    const { default: driver } = await import("pg");
    const pool = new driver.Pool({
      connectionString: url,
      max: mostConnections,
      connectionTimeoutMillis: connectionTimeout,
      statement_timeout: statementTimeout,
      application_name: "tenon server",
      types: { getTypeParser: parserOf },
    });
    const database = new PostgresDatabase(pool);
    try {
      await database.rows("SELECT 1");
    } catch (error) {
      await pool.end();
      // What the pool says of a connection that it gave up is said by its cause.
      throw error instanceof MlflowError && error.cause instanceof Error ? error.cause : error;
    }
    return database;
  }

  override async rows(
    text: string,
    ...values: readonly SqlValue[]
  ): Promise<readonly (readonly SqlValue[])[]> {
    return (await this.#query(text, values)).rows;
  }

  override async run(text: string, ...values: readonly SqlValue[]): Promise<number> {
    return (await this.#query(text, values)).rowCount ?? 0;
  }

  override async script(text: string): Promise<void> {
    await this.#client().query(postgresTables(text));
  }

  override async write<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside.getStore()?.open) return work();
    for (let tries = 1; ; tries++)
      try {
        return await this.#transaction(work);
      } catch (error) {
        if (tries === mostTries || !isConflict(error)) throw error;
        await setTimeout(2 ** tries * (5 + Math.random() * 10));
      }
  }

  override async lock(name: string): Promise<void> {
    await this.rows("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", name);
  }

  override async size(): Promise<number> {
    return Number((await this.row("SELECT pg_database_size(current_database())"))?.[0]);
  }

  override async close(): Promise<void> {
    await this.#pool.end();
  }

  async #transaction<T>(work: () => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw known(error);
    });
    const transaction: Transaction = { client, open: true };
    let broken: Error | undefined;
    try {
      await client.query("BEGIN");
      const result = await this.#inside.run(transaction, work);
      transaction.open = false;
      await client.query("COMMIT");
      return result;
    } catch (error) {
      transaction.open = false;
      // A connection on which even this fails is not used again.
      await client.query("ROLLBACK").catch((cause: unknown) => {
        broken = cause instanceof Error ? cause : new Error(String(cause));
      });
      throw known(error);
    } finally {
      client.release(broken);
    }
  }

  #client(): Pick<ClientBase, "query"> {
    const transaction = this.#inside.getStore();
    return transaction?.open ? transaction.client : this.#pool;
  }

  async #query(
    text: string,
    values: readonly SqlValue[],
  ): Promise<{ readonly rows: readonly (readonly SqlValue[])[]; readonly rowCount: number | null }> {
    const statement = this.#statement(text);
    try {
      return await this.#client().query<SqlValue[]>({
        text: statement.text,
        ...(statement.name !== undefined && { name: statement.name }),
        values: [...values],
        rowMode: "array",
      });
    } catch (error) {
      throw known(error);
    }
  }

  #statement(text: string): Statement {
    const found = this.#statements.get(text);
    if (found) return found;
    let count = 0;
    const numbered = text.replaceAll(/'(?:[^']|'')*'|\?/g, (part) => (part === "?" ? `$${++count}` : part));
    const at = this.#statements.size;
    // Searches have as many texts as there are filters: those that come first are the store's own.
    const name = at < mostPrepared ? `tenon${at}` : undefined;
    const statement = { text: numbered, name };
    if (name !== undefined) this.#statements.set(text, statement);
    return statement;
  }
}

/** How values of a type are read: numbers and booleans as numbers, all else as the text that it is. */
function parserOf(type: number): (text: string) => SqlValue {
  switch (type) {
    // int8, int2, int4, float4, float8, numeric
    case 20:
    case 21:
    case 23:
    case 700:
    case 701:
    case 1700:
      return Number;
    // bool
    case 16:
      return (text) => (text === "t" ? 1 : 0);
    default:
      return (text) => text;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** A deadlock, or a transaction that came between. */
function isConflict(error: unknown): boolean {
  return ["40001", "40P01"].includes(codeOf(error));
}

/** The error that the API tells, where Postgres's is of a kind that a client can do something about. */
function known(error: unknown): unknown {
  const code = codeOf(error);
  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  if (code === "22021" || code === "22P05")
    return invalidParameter("A text must not hold the character NUL.");
  if (code === "54000") return invalidParameter("A name or a key is too long.");
  const lost =
    /^(?:08|53|57P0)/.test(code) ||
    /^(?:ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT)/.test(code) ||
    (error instanceof Error &&
      /Connection terminated|timeout exceeded when trying to connect/.test(error.message));
  if (lost)
    return new MlflowError("TEMPORARILY_UNAVAILABLE", "The database cannot be reached: try again.", {
      cause: error,
      retryAfter: 2,
    });
  return error;
}

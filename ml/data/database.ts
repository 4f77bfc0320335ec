/**
 * @file A DuckDB database for a notebook: SQL in, rows or typed columns out.
 *
 * Results are materialised, never streamed, and their row counts are checked. Extensions are neither installed nor
 * loaded by themselves, so nothing is fetched from a network unasked. What an in-memory database spills goes to a folder
 * of its own in the system's temporary folder, gone when it closes.
 */
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DuckDBInstance, type DuckDBConnection, type DuckDBMaterializedResult } from "@duckdb/node-api";
import { notebookHost } from "../notebook-host.ts";
import { attachDatabase } from "./attach-database.ts";
import { keepByteOrderMarks } from "./byte-order-marks.ts";
import { readColumns, selectColumns, type Columns, type ColumnSchema } from "./columns.ts";
import { QueryError } from "./errors.ts";
import { FreedMemory } from "./freed-memory.ts";
import { QueryResult, readRows, type ColumnDescription } from "./query-result.ts";
import { openRelation, relationOf, type Relation } from "./relation.ts";
import { sqlText } from "./sql-text.ts";
import { Table } from "./table.ts";
import { tableSource } from "./table-source.ts";

/** How a database is opened. */
export interface DatabaseOptions {
  /** The database file; in memory where absent. */
  readonly path?: string;
  /** Threads that a query may use; the number of cores where absent. */
  readonly threads?: number;
  /** What DuckDB may hold in memory before it spills to disk, such as `"1GB"`; 80 % of the machine's where absent. */
  readonly memoryLimit?: string;
  /** The only folders in which files are read and written, where SQL comes from elsewhere; all where absent. */
  readonly allowedFolders?: readonly string[];
}

/** Values for the `$name` parameters of a statement. */
export type QueryParameters = Readonly<Record<string, string | number | boolean | null>>;

/** Opens a DuckDB database. Throws {@link QueryError} when the file cannot be opened. */
export async function openDatabase(options: DatabaseOptions = {}): Promise<Database> {
  const path = options.path ?? ":memory:";
  const settings: Record<string, string> = {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  };
  // DuckDB's default is a folder beside the notebook, which a crash would leave there.
  if (options.path === undefined) settings["temp_directory"] = join(tmpdir(), `tenon-duckdb-${randomUUID()}`);
  if (options.threads !== undefined) settings["threads"] = String(options.threads);
  if (options.memoryLimit !== undefined) settings["memory_limit"] = options.memoryLimit;
  keepByteOrderMarks();
  try {
    const instance = await DuckDBInstance.create(path, settings);
    const connection = await instance.connect();
    // Days and hours of instants are the same on every machine.
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    if (options.allowedFolders !== undefined) {
      const folders = options.allowedFolders.map((folder) => sqlText(resolve(folder)));
      await connection.run(`SET allowed_directories = [${folders.join(", ")}]`);
      // It cannot be enabled again while the database is open.
      await connection.run("SET enable_external_access = false");
    }
    return new Database(instance, connection, await FreedMemory.of(connection, options.memoryLimit));
  } catch (cause) {
    throw new QueryError(`cannot open the database ${path}: ${messageOf(cause)}`, "", { cause });
  }
}

/** An open database; see {@link openDatabase}. One statement runs at a time. */
export class Database implements Disposable {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #freed: FreedMemory;
  /** How many statements were asked for; relations look whether others have come. */
  #statements = 0;

  /** @internal */
  constructor(instance: DuckDBInstance, connection: DuckDBConnection, freed: FreedMemory) {
    this.#instance = instance;
    this.#connection = connection;
    this.#freed = freed;
  }

  /** Runs statements for their effect: `CREATE VIEW`, `COPY … TO`, `SET`. */
  async run(sql: string, parameters?: QueryParameters): Promise<void> {
    await this.#execute(sql, parameters);
  }

  /** All rows of a query as objects, with their types; shows itself as a table. For rows to look at. */
  async query(sql: string, parameters?: QueryParameters): Promise<QueryResult> {
    return readRows(await this.#execute(sql, parameters));
  }

  /**
   * The columns of a query as typed arrays. For rows to compute with.
   *
   * DuckDB casts each column to what the schema says and refuses what does not fit.
   * @example
   * const { distance, origin } = await db.columns("FROM flights", { distance: "float32", origin: "string" });
   */
  async columns<const S extends ColumnSchema>(
    sql: string,
    schema: S,
    parameters?: QueryParameters,
  ): Promise<Columns<S>> {
    return readColumns(await this.#execute(selectColumns(sql, schema), parameters), schema);
  }

  /**
   * A query whose rows stay in the database, for tables too large to read: a notebook's data viewer pages, sorts and
   * filters it there, and asks again after each statement.
   * @example
   * const flights = await db.relation("FROM 'flights.parquet'");
   */
  async relation(sql: string): Promise<Relation> {
    return await openRelation(
      sql,
      async (statement) => await this.#ask(statement, undefined),
      // Looking at rows belongs to no cell: an interrupt of the last one is not meant for it.
      async (statement) => await this.#statement(statement, undefined),
      () => this.#statements,
    );
  }

  /**
   * A query as a table: nothing of it is read until its rows are asked for. Only its columns are asked for now.
   * @example
   * const airports = await db.table("FROM sqlite_scan('airports.db', 'airports')");
   */
  async table(sql: string): Promise<Table> {
    const source = await tableSource(this, sql);
    // Around it, columns of one name have different ones.
    const query = `SELECT * FROM (${source.sql}\n)`;
    return new Table({ ...source, sql: query, files: [], isOrdered: false });
  }

  /**
   * Fetches an extension of DuckDB's from its repository, if it is not on this machine yet, and loads it: `httpfs` (HTTP
   * and S3), `sqlite`, `postgres`. Nothing else of this library fetches one. With `file` it is loaded from there, and
   * nothing is fetched: for machines without a way to the repository. DuckDB checks its own signature on either.
   * @throws {@link QueryError} where there is no such extension, it is not one of this DuckDB's version, or there is no way
   * to its repository
   */
  async installExtension(name: string, { file }: { readonly file?: string } = {}): Promise<void> {
    if (!/^[a-z][a-z0-9_]*$/.test(name))
      throw new RangeError(`${JSON.stringify(name)} is no extension's name`);
    if (file !== undefined) {
      await this.run(`LOAD ${sqlText(resolve(file))}`);
      return;
    }
    await this.run(`INSTALL ${name}`);
    await this.run(`LOAD ${name}`);
  }

  /**
   * Attaches another database, to read from, under a name: a file of SQLite's or DuckDB's, or a server of Postgres
   * (`postgresql://…`). SQLite and Postgres need their extension; see {@link installExtension}. Filters and columns are pushed
   * down to it. Passwords stand in no error and in no table's SQL.
   * @throws {@link QueryError} where it can't be opened or reached, or its extension isn't loaded
   * @example
   * await database.attach("shop.sqlite", "shop");
   * const orders = await database.table("FROM shop.orders");
   */
  async attach(source: string, name: string): Promise<void> {
    await attachDatabase(source, name, async (sql) => {
      await this.#ask(sql, undefined);
    });
  }

  /** @internal A table's own question: unlike a statement of the user's it leaves all rows as they are. */
  async ask(sql: string): Promise<DuckDBMaterializedResult> {
    return await this.#ask(sql, undefined);
  }

  /** @internal What pages a table whose columns are known. */
  relationOf(sql: string, columns: readonly ColumnDescription[]): Relation {
    return relationOf(
      sql,
      columns,
      async (statement) => await this.#statement(statement, undefined),
      () => this.#statements,
    );
  }

  /** @internal A second connection, which the notebook's Stop interrupts as it does the first; the caller closes it. */
  async connect(): Promise<{
    readonly connection: DuckDBConnection;
    readonly signal: AbortSignal | undefined;
    readonly close: () => void;
  }> {
    const signal = notebookHost()?.signal;
    signal?.throwIfAborted();
    const connection = await this.#instance.connect();
    await this.#sameNames(connection);
    const interrupt = (): void => connection.interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
    return {
      connection,
      signal,
      close: () => {
        signal?.removeEventListener("abort", interrupt);
        connection.closeSync();
      },
    };
  }

  /** Closes the database. */
  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** What `USE` chose here, names mean on another connection, too. */
  async #sameNames(connection: DuckDBConnection): Promise<void> {
    const result = await this.#connection.run("SELECT current_setting('search_path')");
    const path = (await result.getRows())[0]?.[0];
    if (typeof path === "string" && path !== "") await connection.run(`SET search_path = ${sqlText(path)}`);
  }

  async #execute(sql: string, parameters: QueryParameters | undefined): Promise<DuckDBMaterializedResult> {
    this.#statements += 1;
    return await this.#ask(sql, parameters);
  }

  async #ask(sql: string, parameters: QueryParameters | undefined): Promise<DuckDBMaterializedResult> {
    const signal = notebookHost()?.signal;
    signal?.throwIfAborted();
    const interrupt = (): void => this.#connection.interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      return await this.#statement(sql, parameters);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", interrupt);
    }
  }

  async #statement(sql: string, parameters: QueryParameters | undefined): Promise<DuckDBMaterializedResult> {
    try {
      return await this.#connection.run(sql, parameters);
    } catch (cause) {
      throw new QueryError(messageOf(cause), sql, { cause });
    } finally {
      await this.#freed.giveBack();
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

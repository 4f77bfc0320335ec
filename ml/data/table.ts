/**
 * @file A table: a query whose columns are known, with verbs that make other tables of it.
 *
 * A table never changes and holds no rows. Each verb writes SQL around the one before it; DuckDB does all of the work
 * when rows are asked for, in one query. The columns are known without asking: every expression's type is worked out
 * here, by rules that are DuckDB's own or forced by a cast.
 */
import type { DuckDBMaterializedResult } from "@duckdb/node-api";
import { pageable, type Pageable } from "../pageable.ts";
import type { MimeBundle } from "../notebook-host.ts";
import type { TableColumns } from "./column-types.ts";
import type { Database } from "./database.ts";
import { requireUnchanged, type FileStamp } from "./file-stamps.ts";
import { exactNumber, readRows, type ColumnDescription } from "./query-result.ts";
import type { Relation } from "./relation.ts";
import { ArrayReader, arrayQuery } from "./table-arrays.ts";
import { tableHtml, tableText } from "./table-display.ts";
import { readableError } from "./table-errors.ts";
import type { TableSource } from "./table-source.ts";
import type {
  ArraysOf,
  ConditionOn,
  Derived,
  Dropped,
  GroupExpressionOn,
  Aggregated,
  Renamed,
  RowExpressionOn,
  RowOf,
  Selected,
  SortTermOn,
} from "./table-types.ts";
import type { NameOf } from "./families.ts";
import * as verbs from "./verbs.ts";

/** What a table is made of. */
export interface TableParts extends TableSource {
  /** The files that it reads, as they were. */
  readonly files: readonly FileStamp[];
}

declare const columnTypes: unique symbol;

/** Rows that have not been read, with the names and types of their columns; see {@link read} and `Database.table`. */
export class Table<C extends TableColumns = TableColumns> implements TableSource {
  declare readonly [columnTypes]: C;
  readonly database: Database;
  readonly sql: string;
  readonly columns: readonly ColumnDescription[];
  /** @internal */
  readonly files: readonly FileStamp[];
  #relation: Relation | undefined;

  /** @internal */
  constructor({ database, sql, columns, files }: TableParts) {
    this.database = database;
    this.sql = sql;
    this.columns = columns;
    this.files = files;
  }

  /** These columns, in this order. */
  select<const Names extends readonly NameOf<C>[]>(...names: Names): Table<Selected<C, Names[number]>> {
    return new Table(verbs.select(this, names));
  }

  /** All columns but these. */
  drop<const Names extends readonly NameOf<C>[]>(...names: Names): Table<Dropped<C, Names[number]>> {
    return new Table(verbs.drop(this, names));
  }

  /**
   * Columns under other names, from old to new.
   * @example
   * table.rename({ dep_delay: "delay" });
   */
  rename<const Names extends { readonly [Name in NameOf<C>]?: string }>(
    names: Names,
  ): Table<Renamed<C, Names>> {
    return new Table(verbs.rename(this, names));
  }

  /**
   * Columns computed from those that are there; a name that is there is replaced. All see the table as it was before.
   * @example
   * flights.derive({ late: col("delay").gt(15), speed: col("distance").div(col("minutes")) });
   */
  derive<const E extends Readonly<Record<string, RowExpressionOn<C>>>>(expressions: E): Table<Derived<C, E>> {
    return new Table(verbs.derive(this, expressions));
  }

  /** The rows for which a condition holds; where it is null it doesn't. */
  filter(condition: ConditionOn<C>): Table<C> {
    return new Table(verbs.filter(this, condition));
  }

  /** Rows in the order of columns (ascending) or of `asc()` and `desc()`; nulls come last. Equal rows come in any order. */
  sort(...terms: readonly SortTermOn<C>[]): Table<C> {
    return new Table(verbs.sort(this, terms));
  }

  /** The first rows, after leaving out `offset` of them. */
  limit(rows: number, offset = 0): Table<C> {
    return new Table(verbs.limit(this, rows, offset));
  }

  /** Groups of rows with equal values in these columns; nulls are equal here. Without columns all rows are one group. */
  groupBy<const Names extends readonly NameOf<C>[]>(...names: Names): GroupedTable<C, Names[number]> {
    return new GroupedTable(this, names);
  }

  /** One row of aggregates over all rows; there is one also where there are no rows. */
  aggregate<const E extends Readonly<Record<string, GroupExpressionOn<C>>>>(
    expressions: E,
  ): Table<Aggregated<C, never, E>> {
    return new Table(verbs.aggregate(this, [], expressions));
  }

  /** All rows as objects. For rows to look at. */
  async rows(): Promise<RowOf<C>[]> {
    const { rows } = await readRows(await this.#ask(this.sql));
    // SAFETY: the columns of the result are this table's, by name and type, which #ask has made sure of.
    return rows as RowOf<C>[];
  }

  /**
   * All columns as arrays: typed ones for numbers, days and instants. For rows to compute with.
   * @throws {@link ColumnError} for a null in a column whose array cannot hold it; in one of floats it is NaN
   */
  async arrays(): Promise<ArraysOf<C>> {
    const result = await this.#ask(arrayQuery(this.sql, this.columns), "cast");
    const reader = new ArrayReader(this.columns, result.rowCount);
    for (let index = 0; index < result.chunkCount; index++) reader.read(result.getChunk(index));
    // SAFETY: there is one array for each column, of the kind of its type.
    return reader.finish() as ArraysOf<C>;
  }

  /** How many rows there are. */
  async count(): Promise<number> {
    const [row] = await (await this.#ask(`SELECT count(*) FROM (${this.sql}\n)`, "cast")).getRowsJS();
    return Number(exactNumber(row?.[0] ?? 0n));
  }

  [pageable](): Pageable {
    this.#relation ??= this.database.relationOf(this.sql, this.columns);
    return this.#relation[pageable]();
  }

  /** Shows the first rows, and how many there are. */
  async [Symbol.for("Jupyter.display")](): Promise<MimeBundle> {
    const rowCount = await this.count();
    const { rows } = await readRows(await this.#ask(`SELECT * FROM (${this.sql}\n) LIMIT 25`));
    return {
      "text/html": tableHtml(this.columns, rows, rowCount),
      "text/plain": tableText(this.columns, rows, rowCount),
    };
  }

  /** Runs a query over this table. Throws where the result's columns are not this table's, or a file changed meanwhile. */
  async #ask(sql: string, columns: "same" | "cast" = "same"): Promise<DuckDBMaterializedResult> {
    let result: DuckDBMaterializedResult;
    try {
      result = await this.database.ask(sql);
    } catch (error) {
      await requireUnchanged(this.files);
      throw readableError(error);
    }
    await requireUnchanged(this.files);
    if (columns === "same") verbs.requireSameColumns(this.columns, result);
    return result;
  }
}

/** A table whose rows are in groups; see `Table.groupBy`. */
export class GroupedTable<C extends TableColumns, Keys extends string> {
  readonly #table: Table<C>;
  readonly #keys: readonly Keys[];

  /** @internal */
  constructor(table: Table<C>, keys: readonly Keys[]) {
    this.#table = table;
    this.#keys = keys;
  }

  /**
   * One row for each group: its keys and its aggregates. The order of the groups is not defined: sort them.
   * @example
   * flights.groupBy("origin").aggregate({ flights: count(), delay: mean(col("delay")) });
   */
  aggregate<const E extends Readonly<Record<string, GroupExpressionOn<C>>>>(
    expressions: E,
  ): Table<Aggregated<C, Keys, E>> {
    return new Table(verbs.aggregate(this.#table, this.#keys, expressions));
  }
}

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
import type { ColumnType, TableColumns } from "./column-types.ts";
import type { Database } from "./database.ts";
import type { Table as ArrowTable } from "apache-arrow";
import { arrowTable, writeArrowFile } from "./arrow-write.ts";
import type { PolarsFrame } from "./optional-packages.ts";
import { batchesOf } from "./batches.ts";
import { requireUnchanged, type FileStamp } from "./file-stamps.ts";
import { exactNumber, readRows, type ColumnDescription } from "./query-result.ts";
import type { Relation } from "./relation.ts";
import { displaySource } from "./source-display.ts";
import { readableError } from "./table-errors.ts";
import type { TableSource } from "./table-source.ts";
import type {
  ArraysOf,
  ConditionOn,
  Derived,
  Dropped,
  GroupExpressionOn,
  Aggregated,
  Joined,
  KeyOf,
  KeysOf,
  Pivoted,
  Renamed,
  RightKeys,
  SameKey,
  United,
  Unpivoted,
  RowExpressionOn,
  RowOf,
  Selected,
  SortTermOn,
  TableBatch,
} from "./table-types.ts";
import type { NameOf } from "./families.ts";
import { asofJoin, join, union, type JoinKind } from "./join-verbs.ts";
import { pivot, unpivot, type PivotValue } from "./pivot-verbs.ts";
import { sample, split, type Shares } from "./split-verbs.ts";
import { polarsFrame, writeTable } from "./write-table.ts";
import { wholeArrays } from "./whole-arrays.ts";
import * as verbs from "./verbs.ts";

/** What a table is made of. */
export interface TableParts extends TableSource {
  /** The files that it reads, as they were. */
  readonly files: readonly FileStamp[];
  /** Whether the rows come in the same order each time. */
  readonly isOrdered: boolean;
}

declare const columnTypes: unique symbol;

/**
 * Rows that have not been read, with the names and types of their columns; see {@link read} and `Database.table`. `Table`
 * alone is one of unknown columns: every table fits it, and what is done with it is checked when the program runs.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- the unknown columns
export class Table<C extends TableColumns = any> implements TableSource {
  declare readonly [columnTypes]: C;
  readonly database: Database;
  readonly sql: string;
  readonly columns: readonly ColumnDescription[];
  /** @internal */
  readonly files: readonly FileStamp[];
  /** @internal */
  readonly isOrdered: boolean;
  #relation: Relation | undefined;

  /** @internal */
  constructor({ database, sql, columns, files, isOrdered }: TableParts) {
    this.database = database;
    this.sql = sql;
    this.columns = columns;
    this.files = files;
    this.isOrdered = isOrdered;
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

  /** The rows without repetition. */
  distinct(): Table<C>;
  /** One row for each combination of values in these columns: the first in the order of `orderBy`. */
  distinct(
    names: readonly NameOf<C>[],
    options: { readonly orderBy: SortTermOn<C> | readonly SortTermOn<C>[] },
  ): Table<C>;
  distinct(names: readonly string[] = [], options: { readonly orderBy?: unknown } = {}): Table<C> {
    const order: readonly unknown[] = [options.orderBy ?? []].flat();
    return new Table(verbs.distinct(this, names, order));
  }

  /**
   * The columns of both tables for rows with equal keys; a null equals nothing. The right table's keys are left out, and
   * its columns whose names the left one has get the suffix `_right` or another. `semi` and `anti` only choose among the
   * left rows: those that have a match, or none.
   * @example
   * flights.join(airports, { on: { origin: "iata" }, how: "left" });
   */
  join<
    D extends TableColumns,
    const On extends KeysOf<C, D>,
    How extends JoinKind = "inner",
    const Suffix extends string = "_right",
  >(
    other: Table<D>,
    options: { readonly on: On; readonly how?: How; readonly suffix?: Suffix },
  ): Table<How extends "semi" | "anti" ? C : Joined<C, D, RightKeys<On>, Suffix>> {
    return new Table(join(this, other, options.on, options.how ?? "inner", options.suffix ?? "_right"));
  }

  /**
   * Each row with the last row of the other table before it or at the same moment (`backward`), or the first one after it
   * (`forward`); of several at one moment it is any one. Rows without one stay, with nulls.
   * @example
   * trades.asofJoin(quotes, { on: "time", by: "symbol" });
   */
  asofJoin<
    D extends TableColumns,
    const On extends KeyOf<C, D>,
    const By extends KeysOf<C, D> = [],
    const Suffix extends string = "_right",
  >(
    other: Table<D>,
    options: {
      readonly on: On;
      readonly by?: By;
      readonly direction?: "backward" | "forward";
      readonly suffix?: Suffix;
    },
  ): Table<Joined<C, D, RightKeys<By> | SameKey<On>, Suffix>> {
    const { on, by = [], direction = "backward", suffix = "_right" } = options;
    return new Table(asofJoin(this, other, on, by, direction, suffix));
  }

  /** The rows of this table and then those of another with the same columns, in any order. Repeated rows stay. */
  union<D extends { readonly [Name in keyof C]: ColumnType }>(other: Table<D>): Table<United<C, D>> {
    return new Table(union(this, other));
  }

  /**
   * One row for each group of `index`; one column for each of the `values` of `on`, named by it, with an aggregate of the
   * rows that have this value.
   * @example
   * flights.pivot({ index: ["origin"], on: "month", values: [1, 2, 3], value: mean(col("delay")) });
   */
  pivot<
    const Index extends readonly NameOf<C>[],
    const Values extends readonly PivotValue[],
    E extends GroupExpressionOn<C>,
  >(options: {
    readonly index: Index;
    readonly on: NameOf<C>;
    readonly values: Values;
    readonly value: E;
  }): Table<Pivoted<C, Index[number], Values[number], E>> {
    return new Table(pivot(this, options.index, options.on, options.values, options.value));
  }

  /**
   * One row for each value of some columns, which have a type in common: the column's name, its value, and all other
   * columns.
   * @example
   * table.unpivot({ columns: ["january", "february"], name: "month", value: "sales" });
   */
  unpivot<
    const Names extends readonly NameOf<C>[],
    const Name extends string,
    const Value extends string,
  >(options: {
    readonly columns: Names;
    readonly name: Name;
    readonly value: Value;
  }): Table<Unpivoted<C, Names[number], Name, Value>> {
    return new Table(unpivot(this, options.columns, options.name, options.value));
  }

  /**
   * A number of rows, or a share of them (on average), each with the same chance, and the same ones for the same seed.
   * Where the order of rows is not the same each time (after a join, say), equal rows have one chance together.
   */
  sample(
    size: { readonly rows: number } | { readonly fraction: number },
    options: { readonly seed: number },
  ): Table<C> {
    return new Table(sample(this, size, options.seed));
  }

  /**
   * The table in parts by their shares, the same ones for the same seed; every row is in one part. The shares are exact to
   * the row up to a million rows, and on average beyond.
   *
   * By chance unless said otherwise. `stratifyBy` keeps the shares of these columns' values in each part, `groupBy` puts
   * rows with equal values into one part (the shares are of groups), `time` puts earlier rows into the parts named first.
   * @example
   * const { train, test } = flights.split({ train: 0.8, test: 0.2 }, { seed: 1, stratifyBy: "origin" });
   */
  split<const S extends Shares>(
    shares: S,
    options: {
      readonly seed?: number;
      readonly stratifyBy?: NameOf<C> | readonly NameOf<C>[];
      readonly groupBy?: NameOf<C> | readonly NameOf<C>[];
      readonly time?: NameOf<C>;
    },
  ): { readonly [Part in keyof S]: Table<C> } {
    const { seed, stratifyBy = [], groupBy = [], time } = options;
    if (seed === undefined && time === undefined) throw new RangeError("a split by chance needs a seed");
    const rules = { seed: seed ?? 0, stratifyBy: [stratifyBy].flat(), groupBy: [groupBy].flat(), time };
    const parts = Object.entries(split(this, shares, rules));
    // SAFETY: there is one part for each share.
    return Object.fromEntries(parts.map(([name, part]) => [name, new Table<C>(part)])) as {
      readonly [Part in keyof S]: Table<C>;
    };
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
    const arrays = await this.#watch(async () => await wholeArrays(this));
    // SAFETY: there is one array for each column, of the kind of its type.
    return arrays as ArraysOf<C>;
  }

  /**
   * The rows in batches of arrays as {@link arrays} makes them, in order, for tables larger than memory. What is read is one
   * state of the database; other statements may run meanwhile. Temporary tables cannot be read this way.
   * @throws {@link ColumnError} where not all rows come
   */
  async *batches(options: { readonly rows?: number } = {}): AsyncGenerator<TableBatch<C>, void, undefined> {
    const { rows = 65_536 } = options;
    if (!Number.isSafeInteger(rows) || rows < 1)
      throw new RangeError(`a batch has rows, not ${rows} of them`);
    try {
      for await (const { rowCount, arrays } of batchesOf(this, rows)) {
        // SAFETY: there is one array for each column, of the kind of its type.
        yield { rowCount, arrays: arrays as ArraysOf<C> };
      }
    } catch (error) {
      await requireUnchanged(this.files);
      throw readableError(error);
    }
    await requireUnchanged(this.files);
  }

  /** Writes a Parquet file, whole or not at all, over what is there. Returns the number of rows. */
  async writeParquet(path: string): Promise<number> {
    return await this.#told(async () => await writeTable(this, path, "parquet"));
  }

  /** Writes a CSV file with a header, whole or not at all, over what is there. Returns the number of rows. */
  async writeCsv(path: string): Promise<number> {
    return await this.#told(async () => await writeTable(this, path, "csv"));
  }

  /** Writes an Arrow IPC file, whole or not at all. Needs the package `apache-arrow`. Returns the number of rows. */
  async writeArrow(path: string): Promise<number> {
    return await this.#told(async () => await writeArrowFile(this, path));
  }

  /**
   * All rows as a table of Apache Arrow's; decimals become floats.
   * @throws {@link MissingPackageError} where the package `apache-arrow` is not installed
   */
  async toArrow(): Promise<ArrowTable> {
    return await this.#watch(async () => await arrowTable(this));
  }

  /**
   * All rows as a data frame of Polars's, with every type that a Parquet file holds.
   * @throws {@link MissingPackageError} where the package `nodejs-polars` is not installed
   */
  async toPolars(): Promise<PolarsFrame> {
    return await this.#watch(async () => await polarsFrame(this));
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

  /** Shows the first rows, and what each column holds: its type, missing values and shape. */
  async [Symbol.for("Jupyter.display")](): Promise<MimeBundle> {
    return await this.#watch(async () => await displaySource(this));
  }

  /** Does something that reads the files; throws where one changed meanwhile. */
  async #watch<T>(read: () => Promise<T>): Promise<T> {
    const result = await this.#told(read);
    await requireUnchanged(this.files);
    return result;
  }

  /** Does something whose failure is that of the files where one changed. */
  async #told<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      await requireUnchanged(this.files);
      throw readableError(error);
    }
  }

  /** Runs a query over this table. Throws where the result's columns are not this table's, or a file changed meanwhile. */
  async #ask(sql: string, columns: "same" | "cast" = "same"): Promise<DuckDBMaterializedResult> {
    const result = await this.#watch(async () => await this.database.ask(sql));
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

/**
 * @file A query whose rows stay in DuckDB: the variable view pages, sorts, filters and examines them there.
 *
 * Nothing of the rows is kept here. A sorted view is written once to a temporary table, which spills to disk as all of
 * DuckDB's do, and is paged from there; it is dropped when a statement of the user's has run, since that may have changed
 * the rows.
 */
import type { DuckDBMaterializedResult } from "@duckdb/node-api";
import { pageable, type Pageable, type PageFilter, type PageRequest, type PageResult } from "../pageable.ts";
import { exactNumber, type ColumnDescription, type RowValue } from "./query-result.ts";
import { profileColumns } from "./relation-profile.ts";
import { orderTerms, pageableType, shownColumns, whereClause, type RelationColumn } from "./relation-sql.ts";

type Execute = (sql: string) => Promise<DuckDBMaterializedResult>;

interface RelationDatabase {
  /** Runs a statement of the relation's own. */
  readonly execute: Execute;
  /** Grows with each statement of the user's. */
  readonly version: () => number;
}

interface Counted {
  readonly key: string;
  readonly rowCount: number;
}

let tables = 0;

/** A query that is asked again when it is looked at; see `Database.relation`. */
export class Relation {
  readonly #database: RelationDatabase;
  readonly #source: string;
  readonly #columns: readonly RelationColumn[];
  readonly #table: string;
  #rowCount: number | undefined;
  #counted: Counted | undefined;
  #sorted: string | undefined;
  /** One question at a time: a sorted table is made once. */
  #last: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(
    database: RelationDatabase,
    source: string,
    columns: readonly RelationColumn[],
    rowCount: number | undefined,
  ) {
    this.#database = database;
    this.#source = source;
    this.#columns = columns;
    this.#rowCount = rowCount;
    tables += 1;
    this.#table = `temp.tenon_sorted_${tables}`;
  }

  /** The columns' names and DuckDB types. */
  get columns(): readonly { readonly name: string; readonly type: string }[] {
    return this.#columns.map(({ name, nativeType }) => ({ name, type: nativeType }));
  }

  /** Rows as of the last look; undefined before it. */
  get rowCount(): number | undefined {
    return this.#rowCount;
  }

  [pageable](): Pageable {
    return {
      columns: this.#columns,
      rowCount: this.#rowCount,
      page: async (request) => await this.#inTurn(async () => await this.#page(request)),
      profile: async ({ columns, filters }) =>
        await this.#inTurn(async () => {
          const rows = this.#filtered(filters);
          const profiles = await profileColumns(rows, this.#columns, columns, this.#database.execute);
          return { columns: profiles, rowCount: await this.#count(filters), sampled: false };
        }),
    };
  }

  async #inTurn<T>(ask: () => Promise<T>): Promise<T> {
    const answer = this.#last.then(ask, ask);
    this.#last = answer.catch(() => undefined);
    return await answer;
  }

  async #page({ offset, limit, sort, filters }: PageRequest): Promise<PageResult> {
    const rowCount = await this.#count(filters);
    const shown = shownColumns(this.#columns);
    const window = ` LIMIT ${limit} OFFSET ${offset}`;
    if (sort.length === 0) {
      const rows = await this.#read(`SELECT ${shown} FROM (${this.#filtered(filters)}${window})`);
      return { rows, rowCount };
    }
    const key = JSON.stringify([this.#database.version(), sort, filters]);
    if (this.#sorted !== key) {
      this.#sorted = undefined;
      const terms = [...orderTerms(this.#columns, sort), "tenon_row"].join(", ");
      // Rows that compare equal keep their order, or pages would overlap.
      await this.#database.execute(
        `CREATE OR REPLACE TEMP TABLE ${this.#table} AS SELECT * EXCLUDE tenon_row
         FROM (SELECT *, row_number() OVER () AS tenon_row FROM (${this.#filtered(filters)})) ORDER BY ${terms}`,
      );
      this.#sorted = key;
    }
    return { rows: await this.#read(`SELECT ${shown} FROM (FROM ${this.#table}${window})`), rowCount };
  }

  #filtered(filters: readonly PageFilter[]): string {
    return `SELECT * FROM (${this.#source}\n)${whereClause(this.#columns, filters)}`;
  }

  async #count(filters: readonly PageFilter[]): Promise<number> {
    const key = JSON.stringify([this.#database.version(), filters]);
    if (this.#counted?.key === key) return this.#counted.rowCount;
    const [row] = await this.#read(`SELECT count(*) FROM (${this.#filtered(filters)})`);
    const rowCount = Number(row?.[0] ?? 0);
    this.#counted = { key, rowCount };
    if (filters.length === 0) this.#rowCount = rowCount;
    return rowCount;
  }

  async #read(sql: string): Promise<readonly (readonly RowValue[])[]> {
    const rows = await (await this.#database.execute(sql)).getRowsJS();
    return rows.map((row) => row.map(exactNumber));
  }
}

/**
 * Makes a relation of a query: its columns and its number of rows are asked for now, by `open`; `execute` runs what is
 * asked when the rows are looked at.
 */
export async function openRelation(
  sql: string,
  open: Execute,
  execute: Execute,
  version: () => number,
): Promise<Relation> {
  const source = sql.replace(/[\s;]+$/, "");
  const head = await open(`SELECT * FROM (${source}\n) LIMIT 0`);
  const columns = head.columnNames().map((name, index): RelationColumn => {
    const nativeType = String(head.columnType(index));
    return { name, nativeType, type: pageableType(nativeType) };
  });
  const [row] = await (await open(`SELECT count(*) FROM (${source}\n)`)).getRowsJS();
  return new Relation({ execute, version }, source, columns, Number(row?.[0] ?? 0));
}

/** Makes a relation of a query whose columns are known; nothing is asked until it is looked at. */
export function relationOf(
  sql: string,
  columns: readonly ColumnDescription[],
  execute: Execute,
  version: () => number,
): Relation {
  const described = columns.map(({ name, type }) => ({ name, nativeType: type, type: pageableType(type) }));
  return new Relation({ execute, version }, sql, described, undefined);
}

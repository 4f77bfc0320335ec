/** @file The rows of a query with their types, and how a notebook shows them. */
import type { DuckDBMaterializedResult, JS } from "@duckdb/node-api";
import type { MimeBundle } from "../notebook-host.ts";
import { ColumnError } from "./errors.ts";
import { tableHtml, tableText } from "./table-display.ts";

/** A value of a row: what DuckDB's type is in JavaScript. Integers are numbers wherever a number holds them exactly. */
export type RowValue = JS;

/** One row, by column name. */
export type Row = Readonly<Record<string, RowValue>>;

/** A column's name and its DuckDB type. */
export interface ColumnDescription {
  readonly name: string;
  readonly type: string;
}

/** The rows of a query; see `Database.query`. */
export class QueryResult {
  readonly columns: readonly ColumnDescription[];
  readonly rows: readonly Row[];

  /** @internal */
  constructor(columns: readonly ColumnDescription[], rows: readonly Row[]) {
    this.columns = columns;
    this.rows = rows;
  }

  [Symbol.for("Jupyter.display")](): MimeBundle {
    return {
      "text/html": tableHtml(this.columns, this.rows),
      "text/plain": tableText(this.columns, this.rows),
    };
  }
}

/** Reads all rows of a result. Throws {@link ColumnError} when fewer or more arrive than it has. */
export async function readRows(result: DuckDBMaterializedResult): Promise<QueryResult> {
  const names = result.deduplicatedColumnNames();
  const columns = names.map((name, index) => ({ name, type: nativeTypeAt(result, index) }));
  const values = await result.getRowsJS();
  if (values.length !== result.rowCount) {
    throw new ColumnError(`DuckDB announced ${result.rowCount} rows and delivered ${values.length}`);
  }
  const rows = values.map((row) =>
    Object.fromEntries(row.map((value, index) => [names[index], exactNumber(value)])),
  );
  return new QueryResult(columns, rows);
}

/** DuckDB's name for the type of a result's column. */
export function nativeTypeAt(result: DuckDBMaterializedResult, index: number): string {
  const type = result.columnType(index);
  return type.alias === "JSON" ? "JSON" : String(type);
}

/** Integers as numbers wherever a number holds them exactly. */
export function exactNumber(value: JS): JS {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

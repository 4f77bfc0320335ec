/**
 * @file Tables of other libraries, told by their shape and never imported: Apache Arrow tables and record batches,
 * nodejs-polars DataFrames, and the readers that DuckDB's Node client returns.
 */
import { types } from "node:util";
import { isArray, isObject, readAny } from "../rich/safe-read.ts";
import { arrowBytes, arrowTable } from "./arrow-table.ts";
import { call, has, tableOf } from "./foreign-table.ts";
import { polarsBytes, polarsTable } from "./polars-table.ts";
import type { TableSource } from "./table-source.ts";

/** The value as a table of one of the libraries above; undefined where it is none. */
export function engineTable(value: object): TableSource | undefined {
  return polarsTable(value) ?? arrowTable(value) ?? duckdbTable(value);
}

/** The memory of such a table in bytes, as its library knows it; undefined where it doesn't say. */
export function engineBytes(value: object): number | undefined {
  return polarsBytes(value) ?? arrowBytes(value);
}

function duckdbTable(value: object): TableSource | undefined {
  if (types.isProxy(value) || !has(value, "columnNames", "columnTypes", "value", "getRows")) return undefined;
  const names = call(value, "columnNames");
  const columnTypes = call(value, "columnTypes");
  const rowCount = readAny(value, "currentRowCount");
  if (!isArray(names) || !isArray(columnTypes) || typeof rowCount !== "number") return undefined;
  return tableOf({
    kind: "DuckDB result",
    names: names.map(String),
    nativeTypes: columnTypes.map(String),
    rowCount,
    reader: (column) => (row) => duckdbScalar(call(value, "value", column, row)),
  });
}

/** DuckDB's value objects for dates, decimals and lists print themselves; wide integers are bigints already. */
function duckdbScalar(cell: unknown): unknown {
  if (!isObject(cell)) return cell;
  const micros = readAny(cell, "micros");
  if (typeof micros === "bigint" && !("months" in cell)) return new Date(Number(micros / 1000n));
  const days = readAny(cell, "days");
  if (typeof days === "number" && !("months" in cell)) return new Date(days * 86_400_000);
  const toDouble = readAny(cell, "toDouble");
  return typeof toDouble === "function" ? Reflect.apply(toDouble, cell, []) : cell;
}

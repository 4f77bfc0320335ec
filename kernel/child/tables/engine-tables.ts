/**
 * @file Tables of other libraries, told by their shape and never imported: Apache Arrow tables, nodejs-polars
 * DataFrames, and the readers that DuckDB's Node client returns.
 */
import { types } from "node:util";
import type { Column, ColumnType } from "../../protocol.ts";
import { isArray, isObject, readAny, thrownText, Unreadable } from "../rich/safe-read.ts";
import { columnType, sampleRows } from "./column-type.ts";
import { mostColumns, type TableSource } from "./table-source.ts";

/** The value as a table of one of the libraries above; undefined where it is none. */
export function engineTable(value: object): TableSource | undefined {
  return polarsTable(value) ?? arrowTable(value) ?? duckdbTable(value);
}

function call(object: object, method: string, ...parameters: unknown[]): unknown {
  const found = readAny(object, method);
  return typeof found === "function" ? Reflect.apply(found, object, parameters) : undefined;
}

function has(object: object, ...methods: readonly string[]): boolean {
  return methods.every((method) => typeof readAny(object, method) === "function");
}

interface Sourced {
  readonly kind: string;
  readonly names: readonly string[];
  readonly nativeTypes: readonly string[];
  readonly rowCount: number;
  reader(column: number): (row: number) => unknown;
}

/** Completes a source: unique names, types from the engine's names or from a sample, readers that don't throw. */
function tableOf(sourced: Sourced): TableSource {
  const shown = Math.min(sourced.names.length, mostColumns);
  const used = new Set<string>();
  const reader = (column: number): ((row: number) => unknown) => {
    let read: (row: number) => unknown;
    try {
      read = sourced.reader(column);
    } catch (thrown) {
      const unreadable = new Unreadable(thrownText(thrown));
      return () => unreadable;
    }
    return (row) => {
      try {
        return read(row);
      } catch (thrown) {
        return new Unreadable(thrownText(thrown));
      }
    };
  };
  const columns = sourced.names.slice(0, shown).map((name, column): Column => {
    let unique = name;
    for (let count = 2; used.has(unique); count += 1) unique = `${name} (${count})`;
    used.add(unique);
    const nativeType = sourced.nativeTypes[column];
    const type =
      typeByNativeName(nativeType) ?? columnType(sampleRows(sourced.rowCount, 20).map(reader(column)));
    return nativeType === undefined ? { name: unique, type } : { name: unique, type, nativeType };
  });
  return {
    kind: sourced.kind,
    columns,
    rowCount: sourced.rowCount,
    hiddenColumns: sourced.names.length - shown,
    indexed: true,
    reader,
  };
}

function typeByNativeName(name: string | undefined): ColumnType | undefined {
  if (name === undefined) return undefined;
  if (/^(U?Int(8|16|32)|Float(16|32|64)?|DOUBLE|FLOAT|REAL|U?(TINY|SMALL)INT|U?INTEGER)$/.test(name))
    return "number";
  if (/^(Utf8|LargeUtf8|String|VARCHAR|Categorical)$/.test(name)) return "string";
  if (/^(Bool|Boolean|BOOLEAN)$/.test(name)) return "boolean";
  return undefined;
}

function polarsTable(value: object): TableSource | undefined {
  if (readAny(value, Symbol.toStringTag) !== "DataFrame" || !has(value, "getColumn", "slice", "toRecords")) {
    return undefined;
  }
  const names = readAny(value, "columns");
  const rowCount = readAny(value, "height");
  const dtypes = readAny(value, "dtypes");
  if (!isArray(names) || typeof rowCount !== "number") return undefined;
  return tableOf({
    kind: "DataFrame",
    names: names.map(String),
    nativeTypes: isArray(dtypes)
      ? dtypes.map((dtype) => String(dtype).replace(/^DataType\((.*)\)$/, "$1"))
      : [],
    rowCount,
    reader: (column) => {
      const series = call(value, "getColumn", String(names[column]));
      if (!isObject(series)) return () => undefined;
      return chunkReader((from, count) => {
        const slice = call(series, "slice", from, count);
        const values = isObject(slice) ? call(slice, "toArray") : undefined;
        return isArray(values) ? values : [];
      });
    },
  });
}

const chunkLength = 1024;

/** Reads a column a chunk at a time: single values of a frame cost as much as many. */
function chunkReader(read: (from: number, count: number) => readonly unknown[]): (row: number) => unknown {
  let from = -1;
  let chunk: readonly unknown[] = [];
  return (row) => {
    const start = row - (row % chunkLength);
    if (start !== from) {
      chunk = read(start, chunkLength);
      from = start;
    }
    return chunk[row - start];
  };
}

function arrowTable(value: object): TableSource | undefined {
  if (!has(value, "getChildAt", "slice")) return undefined;
  const schema = readAny(value, "schema");
  const rowCount = readAny(value, "numRows");
  const fields = isObject(schema) ? readAny(schema, "fields") : undefined;
  if (typeof rowCount !== "number" || !isArray(fields)) return undefined;
  const described = fields.filter(isObject);
  return tableOf({
    kind: "Table",
    names: described.map((field) => String(readAny(field, "name"))),
    nativeTypes: described.map((field) => String(readAny(field, "type"))),
    rowCount,
    reader: (column) => {
      const vector = call(value, "getChildAt", column);
      if (!isObject(vector)) return () => undefined;
      const get = readAny(vector, "get");
      if (typeof get !== "function") return () => undefined;
      const isTimestamp = /^(Timestamp|Date)/.test(String(readAny(vector, "type")));
      return (row) => {
        const cell: unknown = Reflect.apply(get, vector, [row]);
        return isTimestamp && typeof cell === "number" ? new Date(cell) : cell;
      };
    },
  });
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

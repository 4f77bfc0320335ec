/**
 * @file Tables of what a program has in memory. The values are copied into a database in memory, where they stay until
 * the database is closed; it may spill them to disk.
 */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBTimestampTZValue,
  FLOAT,
  INTEGER,
  SMALLINT,
  TIMESTAMPTZ,
  TINYINT,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
} from "@duckdb/node-api";
import type { ColumnType } from "./column-types.ts";
import type { Database } from "./database.ts";
import { ColumnError } from "./errors.ts";
import { identifier } from "./relation-sql.ts";
import { sharedDatabase } from "./shared-database.ts";
import { Table } from "./table.ts";
import { requireDistinct } from "./verbs.ts";

interface TypeByArray {
  readonly Int8Array: "int8";
  readonly Int16Array: "int16";
  readonly Int32Array: "int32";
  readonly BigInt64Array: "int64";
  readonly Uint8Array: "uint8";
  readonly Uint8ClampedArray: "uint8";
  readonly Uint16Array: "uint16";
  readonly Uint32Array: "uint32";
  readonly BigUint64Array: "uint64";
  readonly Float32Array: "float32";
  readonly Float64Array: "float64";
}

type NumberArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** A value of a column in memory; `undefined` is null. */
export type ColumnValue = string | number | bigint | boolean | Date | null | undefined;

/** Values of a column in memory. */
export type ColumnValues = NumberArray | readonly ColumnValue[];

type TypeOfValue<V> = [V] extends [string]
  ? "string"
  : [V] extends [number]
    ? "float64"
    : [V] extends [bigint]
      ? "int64"
      : [V] extends [boolean]
        ? "boolean"
        : [V] extends [Date]
          ? "timestamptz"
          : ColumnType;

type TypeOfArray<A> = A extends { readonly [Symbol.toStringTag]: infer Name extends keyof TypeByArray }
  ? TypeByArray[Name]
  : A extends readonly (infer V)[]
    ? TypeOfValue<NonNullable<V>>
    : never;

/** The columns of arrays. */
export type ColumnsOfArrays<A> = { readonly [Name in keyof A & string]: TypeOfArray<A[Name]> };

/** The columns of rows. */
export type ColumnsOfRows<R> = { readonly [Name in keyof R & string]: TypeOfValue<NonNullable<R[Name]>> };

const typedArrays: Readonly<Record<keyof TypeByArray, DuckDBType>> = {
  Int8Array: TINYINT,
  Int16Array: SMALLINT,
  Int32Array: INTEGER,
  BigInt64Array: BIGINT,
  Uint8Array: UTINYINT,
  Uint8ClampedArray: UTINYINT,
  Uint16Array: USMALLINT,
  Uint32Array: UINTEGER,
  BigUint64Array: UBIGINT,
  Float32Array: FLOAT,
  Float64Array: DOUBLE,
};

/**
 * A table of arrays, one for each column. Typed arrays keep their types; of plain ones numbers become `float64`, bigints
 * `int64`, dates `timestamptz`; `null` and `undefined` become null.
 * @throws {@link ColumnError} for unequal lengths, and for values of several types in one column
 * @example
 * const table = await fromArrays({ x: Float32Array.of(1, 2), name: ["a", null] });
 */
export async function fromArrays<const A extends Readonly<Record<string, ColumnValues>>>(
  arrays: A,
  options: { readonly database?: Database } = {},
): Promise<Table<ColumnsOfArrays<A>>> {
  const columns = Object.entries(arrays).map(([name, values]) => toColumn(name, values));
  const [first] = columns;
  if (first === undefined) throw new ColumnError("a table has at least one column");
  const rowCount = first.values.length;
  for (const { name, values } of columns) {
    if (values.length !== rowCount) {
      throw new ColumnError(
        `column "${name}" has ${values.length} values and "${first.name}" ${rowCount}: they must have as many`,
      );
    }
  }
  requireDistinct(columns.map(({ name }) => name));
  const database = options.database ?? (await sharedDatabase());
  return await storeColumns(database, columns, rowCount);
}

/**
 * A table of objects, one for each row; what the first row's properties are, the columns are. Numbers become `float64`,
 * bigints `int64`, dates `timestamptz`; what is missing or `null` becomes null.
 * @throws {@link ColumnError} for values of several types in one column, and for no rows
 */
export async function fromRows<const R extends Readonly<Record<string, ColumnValue>>>(
  rows: readonly R[],
  options: { readonly database?: Database } = {},
): Promise<Table<ColumnsOfRows<R>>> {
  const [first] = rows;
  if (first === undefined)
    throw new ColumnError("no rows tell no columns: use fromArrays for an empty table");
  const names = Object.keys(first);
  for (const [index, row] of rows.entries()) {
    const stranger = Object.keys(row).find((name) => !names.includes(name));
    if (stranger !== undefined) {
      throw new ColumnError(`row ${index} has "${stranger}", which the first row has not`);
    }
  }
  const arrays = Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]));
  const table: unknown = await fromArrays(arrays, options);
  // SAFETY: the columns are the properties of the rows, with types by the same rule.
  return table as Table<ColumnsOfRows<R>>;
}

interface MemoryColumn {
  readonly name: string;
  readonly type: DuckDBType;
  readonly values: ColumnValues;
}

function toColumn(name: string, values: ColumnValues): MemoryColumn {
  if (ArrayBuffer.isView(values)) return { name, type: typedArrays[values[Symbol.toStringTag]], values };
  const kinds = new Set<string>();
  for (const [row, value] of values.entries()) {
    if (value === null || value === undefined) continue;
    kinds.add(value instanceof Date ? "date" : typeof value);
    if (kinds.size > 1) {
      throw new ColumnError(`column "${name}" has ${[...kinds].join(" and ")} values, first in row ${row}`);
    }
  }
  return { name, type: valueTypes[[...kinds][0] ?? "string"] ?? unknownValue(name), values };
}

const valueTypes: Readonly<Record<string, DuckDBType | undefined>> = {
  string: VARCHAR,
  number: DOUBLE,
  bigint: BIGINT,
  boolean: BOOLEAN,
  date: TIMESTAMPTZ,
};

function unknownValue(name: string): never {
  throw new ColumnError(`column "${name}" has values that are no text, number, boolean or date`);
}

let tables = 0;
const chunkRows = 2048;

/** Copies columns into a new table of the database's memory. */
async function storeColumns<C extends Readonly<Record<string, ColumnType>>>(
  database: Database,
  columns: readonly MemoryColumn[],
  rowCount: number,
): Promise<Table<C>> {
  tables += 1;
  const name = `table_${tables}`;
  const definitions = columns.map((column) => `${identifier(column.name)} ${String(column.type)}`);
  // A database in memory of its own: a table in the user's file would stay there, a temporary one belongs to one connection.
  await database.ask("ATTACH IF NOT EXISTS ':memory:' AS tenon_memory");
  await database.ask(`CREATE TABLE tenon_memory.main.${name} (${definitions.join(", ")})`);
  const { connection, close } = await database.connect();
  try {
    const appender = await connection.createAppender(name, "main", "tenon_memory");
    for (let row = 0; row < rowCount; row += chunkRows) {
      const chunk = DuckDBDataChunk.create(
        columns.map(({ type }) => type),
        Math.min(chunkRows, rowCount - row),
      );
      for (const [index, { values }] of columns.entries()) {
        fill(chunk.getColumnVector(index), values, row, chunk.rowCount);
      }
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  } finally {
    close();
  }
  const table = new Table<C>({
    database,
    sql: `SELECT * FROM tenon_memory.main.${name}`,
    columns: columns.map((column) => ({ name: column.name, type: String(column.type) })),
    files: [],
    isOrdered: true,
  });
  const stored = await table.count();
  if (stored !== rowCount) throw new ColumnError(`of ${rowCount} rows ${stored} were kept`);
  return table;
}

function fill(vector: DuckDBVector, values: ColumnValues, from: number, rows: number): void {
  const items: unknown = Reflect.get(vector, "items");
  if (ArrayBuffer.isView(values) && ArrayBuffer.isView(items) && "set" in items) {
    const part = values.subarray(from, from + rows);
    // SAFETY: a vector of this type has items of this array's class, or of one with the same numbers.
    (items as unknown as { set(part: ArrayLike<number> | ArrayLike<bigint>): void }).set(part);
  } else {
    for (let row = 0; row < rows; row++) vector.setItem(row, toDuckDB(values[from + row]));
  }
  vector.flush();
}

function toDuckDB(value: ColumnValue): DuckDBValue {
  if (value instanceof Date) {
    const time = value.getTime();
    if (Number.isNaN(time)) throw new ColumnError("an invalid date cannot be in a table; use null");
    return new DuckDBTimestampTZValue(BigInt(time) * 1000n);
  }
  return value ?? null;
}

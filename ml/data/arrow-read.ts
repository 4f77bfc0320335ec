/**
 * @file Arrow IPC files as tables, by the package `apache-arrow` where it is installed. DuckDB has no reader for them that is
 * not fetched from elsewhere, so they are read into memory, whole.
 */
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  FLOAT,
  INTEGER,
  SMALLINT,
  TIMESTAMP,
  TIMESTAMPTZ,
  TINYINT,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";
import type * as Arrow from "apache-arrow";
import type { TableColumns } from "./column-types.ts";
import type { Database } from "./database.ts";
import { TableFileError } from "./errors.ts";
import { textLiteral } from "./literals.ts";
import {
  numberColumn,
  storeColumns,
  valueColumn,
  type MemoryColumn,
  type NumberArray,
} from "./memory-tables.ts";
import { loadArrow, type ArrowModule } from "./optional-packages.ts";
import type { Table } from "./table.ts";

/**
 * Reads Arrow files or streams of one schema into a table.
 * @throws {@link MissingPackageError} without `apache-arrow`, {@link TableFileError} for what is no Arrow file
 */
export async function readArrowFiles<C extends TableColumns>(
  database: Database,
  paths: readonly string[],
): Promise<Table<C>> {
  const arrow = await loadArrow("reading Arrow files");
  const parts: (readonly MemoryColumn[])[] = [];
  for (const path of paths) {
    const table = parseArrow(arrow, path, await fileBytes(database, path));
    const columns = table.schema.fields.map((field, index) => ({ field, index }));
    for (const batch of table.batches) {
      parts.push(
        columns.map(({ field, index }) => {
          const vector = batch.getChildAt(index);
          if (vector === null) throw new TableFileError(path, `column "${field.name}" is missing in a batch`);
          return toColumn(arrow, path, field, vector);
        }),
      );
    }
    if (table.batches.length === 0) {
      parts.push(
        columns.map(({ field }) => toColumn(arrow, path, field, arrow.vectorFromArray([], field.type))),
      );
    }
  }
  const [first = []] = parts;
  const described = JSON.stringify(first.map(({ name, type }) => [name, String(type)]));
  for (const part of parts) {
    if (JSON.stringify(part.map(({ name, type }) => [name, String(type)])) !== described) {
      throw new TableFileError(paths.join(", "), "the files have different columns");
    }
  }
  return await storeColumns<C>(database, parts);
}

/** Bytes of a file, read by DuckDB, which keeps to the folders that the database is confined to. */
async function fileBytes(database: Database, path: string): Promise<Uint8Array> {
  const result = await database.ask(`SELECT content FROM read_blob(${textLiteral(path)})`);
  const value = result.rowCount === 1 ? result.getChunk(0).getColumnVector(0).getItem(0) : null;
  if (!(value instanceof DuckDBBlobValue)) throw new TableFileError(path, "it cannot be read");
  return value.bytes;
}

function parseArrow(arrow: ArrowModule, path: string, bytes: Uint8Array): Arrow.Table {
  try {
    const table = arrow.tableFromIPC(bytes);
    if (table.schema.fields.length > 0) return table;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new TableFileError(path, `it is no Arrow file that can be read: ${message}`, { cause });
  }
  throw new TableFileError(path, "it is no Arrow file, or has no columns");
}

/** Arrow's types by the names that they print, and DuckDB's of the same layout. */
const numberTypes: Readonly<Record<string, DuckDBType>> = {
  Int8: TINYINT,
  Int16: SMALLINT,
  Int32: INTEGER,
  Int64: BIGINT,
  Uint8: UTINYINT,
  Uint16: USMALLINT,
  Uint32: UINTEGER,
  Uint64: UBIGINT,
  Float32: FLOAT,
  Float64: DOUBLE,
};

function toColumn(
  arrow: ArrowModule,
  path: string,
  { name, type }: Arrow.Field,
  vector: Arrow.Vector,
): MemoryColumn {
  const numbers = numberTypes[String(type)];
  const { length } = vector;
  const values = (native: DuckDBType, convert: (value: unknown) => DuckDBValue): MemoryColumn =>
    valueColumn(name, native, length, (row) => {
      const value: unknown = vector.get(row);
      return value === null || value === undefined ? null : convert(value);
    });
  if (numbers !== undefined) {
    // SAFETY: a vector of this type holds such an array, or values of its kind.
    if (vector.nullCount === 0) return numberColumn(name, numbers, vector.toArray() as NumberArray);
    return values(numbers, (value) => value as number | bigint);
  }
  const { DataType } = arrow;
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || isTexts(arrow, type))
    return values(VARCHAR, String);
  if (DataType.isBool(type)) return values(BOOLEAN, Boolean);
  if (DataType.isNull(type)) return values(VARCHAR, () => null);
  if (DataType.isFloat(type)) return values(FLOAT, Number);
  if (DataType.isDate(type)) {
    // Arrow hands days over as milliseconds.
    return values(DATE, (value) => new DuckDBDateValue(Math.floor(Number(value) / 86_400_000)));
  }
  if (DataType.isTimestamp(type)) return timestamps(name, type, vector);
  if (DataType.isDecimal(type) && type.bitWidth === 128) {
    const { precision, scale } = type;
    return decimals(name, precision, scale, vector);
  }
  if (DataType.isBinary(type)) {
    // SAFETY: a binary vector gives bytes.
    return values(BLOB, (value) => new DuckDBBlobValue(value as Uint8Array));
  }
  throw new TableFileError(
    path,
    `column "${name}" is ${String(type)}, which is not read from Arrow files; write Parquet`,
  );
}

function isTexts(arrow: ArrowModule, type: Arrow.DataType): boolean {
  return (
    arrow.DataType.isDictionary(type) &&
    (arrow.DataType.isUtf8(type.dictionary) || arrow.DataType.isLargeUtf8(type.dictionary))
  );
}

/** Counts since 1970 in the unit of the type; nanoseconds are cut to microseconds. */
function timestamps(name: string, type: Arrow.Timestamp, vector: Arrow.Vector): MemoryColumn {
  const scale = 10n ** BigInt(3 * type.unit);
  const micros = (raw: bigint): bigint => (raw * 1_000_000n) / scale;
  const isZoned = type.timezone !== null && type.timezone !== undefined && type.timezone !== "";
  // SAFETY: Arrow keeps an instant as a 64-bit count.
  const raws = vector.toArray() as BigInt64Array;
  return valueColumn(name, isZoned ? TIMESTAMPTZ : TIMESTAMP, vector.length, (row) => {
    if (!vector.isValid(row)) return null;
    const value = micros(raws[row] ?? 0n);
    return isZoned ? new DuckDBTimestampTZValue(value) : new DuckDBTimestampValue(value);
  });
}

/** Whole numbers of 128 bits, each in four words, the lowest first. */
function decimals(name: string, precision: number, scale: number, vector: Arrow.Vector): MemoryColumn {
  // SAFETY: Arrow keeps a decimal as such words.
  const words = vector.toArray() as Uint32Array;
  return valueColumn(name, DECIMAL(precision, scale), vector.length, (row) => {
    if (!vector.isValid(row)) return null;
    const unsigned = words
      .subarray(row * 4, row * 4 + 4)
      .reduceRight((value, word) => (value << 32n) | BigInt(word), 0n);
    return new DuckDBDecimalValue(BigInt.asIntN(128, unsigned), precision, scale);
  });
}

/** @file What a column of a table holds, in the words that types of tables use. */

/**
 * The type of a column. Numbers by their width, as ONNX and Arrow name them; `decimal` of any precision; `timestamp` is
 * without a time zone, `timestamptz` is an instant; enumerations are strings.
 */
export type ColumnType =
  | "boolean"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "int128"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "uint128"
  | "decimal"
  | "float32"
  | "float64"
  | "string"
  | "date"
  | "time"
  | "timestamp"
  | "timestamptz"
  | "interval"
  | "uuid"
  | "blob"
  | "json"
  | "list"
  | "struct"
  | "map"
  | "other";

/** The columns of a table as the compiler knows them, by name. */
export type TableColumns = Readonly<Record<string, ColumnType>>;

/**
 * The columns of files by the path that `read("…")` names. Empty here: a notebook's check and the declarations that
 * `tenon types` writes add the files of a project to it.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- declarations of projects merge into it
export interface TableFiles {}

const types: Readonly<Record<string, ColumnType>> = {
  BOOLEAN: "boolean",
  TINYINT: "int8",
  SMALLINT: "int16",
  INTEGER: "int32",
  BIGINT: "int64",
  HUGEINT: "int128",
  UTINYINT: "uint8",
  USMALLINT: "uint16",
  UINTEGER: "uint32",
  UBIGINT: "uint64",
  UHUGEINT: "uint128",
  FLOAT: "float32",
  DOUBLE: "float64",
  VARCHAR: "string",
  DATE: "date",
  TIME: "time",
  TIMESTAMP: "timestamp",
  TIMESTAMP_S: "timestamp",
  TIMESTAMP_MS: "timestamp",
  TIMESTAMP_NS: "timestamp",
  "TIMESTAMP WITH TIME ZONE": "timestamptz",
  INTERVAL: "interval",
  UUID: "uuid",
  BLOB: "blob",
  JSON: "json",
};

/** The type of a column by DuckDB's name for it. */
export function columnType(nativeType: string): ColumnType {
  const known = types[nativeType];
  if (known !== undefined) return known;
  // A list of structs ends as a list does.
  if (/\[\d*\]$/.test(nativeType)) return "list";
  if (nativeType.startsWith("DECIMAL(")) return "decimal";
  if (nativeType.startsWith("ENUM(")) return "string";
  if (nativeType.startsWith("STRUCT(")) return "struct";
  return nativeType.startsWith("MAP(") ? "map" : "other";
}

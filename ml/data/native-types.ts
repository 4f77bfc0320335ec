/** @file DuckDB's names for the types that a program may ask for by name. */

const nativeTypes = {
  boolean: "BOOLEAN",
  int8: "TINYINT",
  int16: "SMALLINT",
  int32: "INTEGER",
  int64: "BIGINT",
  int128: "HUGEINT",
  uint8: "UTINYINT",
  uint16: "USMALLINT",
  uint32: "UINTEGER",
  uint64: "UBIGINT",
  float32: "FLOAT",
  float64: "DOUBLE",
  string: "VARCHAR",
  date: "DATE",
  time: "TIME",
  timestamp: "TIMESTAMP",
  timestamptz: "TIMESTAMP WITH TIME ZONE",
  interval: "INTERVAL",
  uuid: "UUID",
  blob: "BLOB",
  json: "JSON",
} as const;

/** Types that a value can be cast to: those that their name alone defines. */
export type CastType = keyof typeof nativeTypes;

/** DuckDB's name of a type. Throws `RangeError` for what is no type to cast to. */
export function nativeType(type: CastType): string {
  if (!Object.hasOwn(nativeTypes, type)) {
    throw new RangeError(`there is no type "${type}"; use one of ${Object.keys(nativeTypes).join(", ")}`);
  }
  return nativeTypes[type];
}

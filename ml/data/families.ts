/**
 * @file Families of column types: what an expression may do with a column depends on its family alone.
 *
 * The type functions here and the functions beside them say the same of types and of values.
 */
import { columnType, type ColumnType, type TableColumns } from "./column-types.ts";

interface TypesByFamily {
  readonly number: NumberType;
  readonly boolean: "boolean";
  readonly string: "string" | "uuid" | "json";
  readonly date: TemporalType;
  readonly time: "time";
  readonly interval: "interval";
  readonly blob: "blob";
  readonly list: "list";
  readonly struct: "struct";
  readonly map: "map";
  readonly other: "other";
}

/** Whole numbers. */
export type IntegerType =
  "int8" | "int16" | "int32" | "int64" | "int128" | "uint8" | "uint16" | "uint32" | "uint64" | "uint128";

/** All numbers. */
export type NumberType = IntegerType | "decimal" | "float32" | "float64";

/** Days and instants. */
export type TemporalType = "date" | "timestamp" | "timestamptz";

/** What a column is used as. */
export type Family = keyof TypesByFamily;

/** The family of a type. A type that the compiler does not know fits every use: it is checked when the query is made. */
export type FamilyOf<T extends ColumnType> = [ColumnType] extends [T]
  ? never
  : { [F in Family]: T extends TypesByFamily[F] ? F : never }[Family];

/** Whether the compiler does not know the columns. */
export type AreUnknown<C extends TableColumns> = string extends keyof C ? true : false;

/** The names of columns, written out in errors; any text where they are unknown. */
export type NameOf<C extends TableColumns> = C extends unknown ? keyof C & string : never;

/** The families of the columns; unknown ones are of every family. */
export type FamiliesOf<C extends TableColumns> =
  AreUnknown<C> extends true ? never : { readonly [Name in keyof C]: FamilyOf<C[Name]> };

/** The names of the columns of one type. */
export type NamesOfType<C extends TableColumns, T extends ColumnType> =
  AreUnknown<C> extends true
    ? string
    : {
        [Name in NameOf<C>]: [ColumnType] extends [C[Name]] ? Name : C[Name] extends T ? Name : never;
      }[NameOf<C>];

/**
 * What arithmetic on numbers of these types gives: `float64` where one has a fraction of any size, else `decimal`, else
 * `int64`, or `int128` where one may exceed it; a boolean counts as 0 or 1. So no sum or product of small integers overflows.
 */
export type Widest<T> = [T] extends [IntegerType | "boolean"]
  ? Extract<T, "int128" | "uint64" | "uint128"> extends never
    ? "int64"
    : "int128"
  : [T] extends [NumberType | "boolean"]
    ? Extract<T, "float32" | "float64"> extends never
      ? "decimal"
      : "float64"
    : ColumnType;

const families: Readonly<Partial<Record<ColumnType, Family>>> = {
  boolean: "boolean",
  string: "string",
  uuid: "string",
  json: "string",
  date: "date",
  timestamp: "date",
  timestamptz: "date",
  time: "time",
  interval: "interval",
  blob: "blob",
  list: "list",
  struct: "struct",
  map: "map",
  other: "other",
};

/** The family of a column by DuckDB's name of its type. */
export function familyOf(nativeType: string): Family {
  // What has no family in the list is a number.
  return families[columnType(nativeType)] ?? "number";
}

/** Whether a type holds whole numbers only. */
export function isInteger(nativeType: string): boolean {
  return /^u?int\d+$/.test(columnType(nativeType));
}

/** The type of arithmetic on numbers of these types, by DuckDB's names; see {@link Widest}. */
export function widest(nativeTypes: readonly string[]): string {
  const types = nativeTypes.map(columnType);
  if (types.some((type) => type === "float32" || type === "float64")) return "DOUBLE";
  if (types.includes("decimal")) {
    return `DECIMAL(38,${Math.max(...nativeTypes.map((type) => scaleOf(type)))})`;
  }
  return types.some((type) => type === "int128" || type === "uint64" || type === "uint128")
    ? "HUGEINT"
    : "BIGINT";
}

/** Digits after the point of a decimal type; 0 for whole numbers. */
export function scaleOf(nativeType: string): number {
  return Number(/^DECIMAL\(\d+,(\d+)\)$/.exec(nativeType)?.[1] ?? 0);
}

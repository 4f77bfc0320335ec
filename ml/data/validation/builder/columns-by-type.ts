/** @file Which columns of a table an expectation takes, and which values fit them, for the compiler. */
import type { ColumnType, TableColumns } from "../../column-types.ts";

type IntegerType =
  "int8" | "int16" | "int32" | "int64" | "int128" | "uint8" | "uint16" | "uint32" | "uint64" | "uint128";
type NumberType = IntegerType | "decimal" | "float32" | "float64";
type TextType = "string" | "json";
type OrderedType = NumberType | "string" | "date" | "time" | "timestamp" | "timestamptz" | "interval";

/** The columns of some types; where types are unknown, all. */
type ColumnsOf<C extends TableColumns, T extends ColumnType> = {
  [Name in keyof C & string]: Extract<C[Name], T> extends never ? never : Name;
}[keyof C & string];

/** Any column. */
export type AnyColumn<C extends TableColumns> = keyof C & string;
/** Columns of numbers. */
export type NumberColumn<C extends TableColumns> = ColumnsOf<C, NumberType>;
/** Columns of text. */
export type TextColumn<C extends TableColumns> = ColumnsOf<C, TextType>;
/** Columns whose values have an order. */
export type OrderedColumn<C extends TableColumns> = ColumnsOf<C, OrderedType>;

/** What a value of a column is compared with. Dates and times may be text as ISO 8601 has it. */
export type ValueOf<T extends ColumnType> = T extends NumberType
  ? number | bigint
  : T extends "boolean"
    ? boolean
    : T extends "date" | "timestamp" | "timestamptz"
      ? string | Date
      : string;

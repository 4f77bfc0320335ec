/** @file Transformers as their users describe them: plain typed objects. */
import type { ColumnType } from "../data/column-types.ts";

declare const takes: unique symbol;
declare const gives: unique symbol;

/**
 * A step that is to be fitted: what kind, with which settings. `Takes` are the types of column that it may stand on;
 * `Gives` is "same" for a step whose result is of its column's kind, such as an imputer.
 */
export interface Transformer<
  Takes extends ColumnType = ColumnType,
  Gives extends "number" | "same" = "number" | "same",
> {
  readonly kind: string;
  readonly settings: { readonly [name: string]: unknown };
  /** For the compiler only. */
  readonly [takes]?: Takes;
  readonly [gives]?: Gives;
}

/** The types of columns that are numbers; booleans are 0 and 1. */
export type NumberColumn =
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
  | "float64";

/** The types of columns that hold texts. */
export type TextColumn = "string" | "uuid" | "json";

/** The types of columns that hold dates. */
export type DateColumn = "date" | "timestamp" | "timestamptz";

/** The types of columns whose values can be categories. */
export type CategoryColumn = NumberColumn | TextColumn | DateColumn;

/** The kinds of steps that may stand on all features together. */
export type MatrixStepKind =
  | "pca"
  | "truncatedSvd"
  | "varianceThreshold"
  | "selectKBest"
  | "selectFromLasso"
  | "selectFromLogistic"
  | "recursiveElimination";

/** A transformer that may stand on all features together; see `Features.pipe`. */
export interface MatrixTransformer extends Transformer<NumberColumn, "number"> {
  readonly kind: MatrixStepKind;
}

/**
 * @file What the compiler knows of an expression: which columns it uses, as what it uses them, what it gives, and whether
 * it is a value of each row or of a group of rows.
 *
 * A table takes an expression by these four alone. Names are compared before families, so a misspelt column is told as
 * such, with the likely name. None of them exists when the program runs.
 */
import type { ColumnType, TableColumns } from "./column-types.ts";
import type { AreUnknown, FamiliesOf, Family, FamilyOf, NameOf, NumberType, Widest } from "./families.ts";
import type { Like, Moment, Numeric, Plain, Text, Truth } from "./expression-methods.ts";

declare const uses: unique symbol;
declare const needs: unique symbol;
declare const gives: unique symbol;
declare const kind: unique symbol;

/** A value of each row, of a group of rows, or of a window around a row. */
export type Kind = "row" | "group" | "window";

/** The families that the columns of an expression must have, by name. */
export type Needs = Readonly<Record<string, Family>>;

/** The type of the column of that name. */
export interface Of<out Name extends string> {
  readonly column: Name;
}

/** A number whose value the compiler does not know: whole or not. */
export interface SomeNumber {
  readonly number: "whole or not";
}

/** The widest type of these, as arithmetic gives it. */
export interface Wide<out Leaves> {
  readonly widest: Leaves;
}

/** The one type that these have in common, as the branches of `when` do. */
export interface Common<out Leaves> {
  readonly common: Leaves;
}

/** What an expression gives. */
export type Gives = ColumnType | Of<string> | Wide<unknown> | Common<unknown>;

/** What is known of an expression. */
export interface Known<out Uses extends string, in Families, out G, out K> {
  readonly [uses]: Uses;
  readonly [needs]: (families: Families) => void;
  readonly [gives]: G;
  readonly [kind]: K;
}

/** An expression that needs such columns. */
export type Expression<N, G, K> = Known<keyof N & string, N, G, K>;

/** Any expression that gives this. */
export type AnyExpression<G = Gives> = Known<string, never, G, Kind>;

/** An expression that a table with these columns can compute. */
export type ExpressionOn<C extends TableColumns, G = Gives, K extends Kind = "row"> = Known<
  NameOf<C>,
  FamiliesOf<C>,
  G,
  K
>;

/** An order of rows; see `asc` and `desc`. */
export interface Ordering<out Uses extends string, in Families> {
  readonly [uses]: Uses;
  readonly [needs]: (families: Families) => void;
  readonly descending: boolean;
}

/** What a number may be compared or computed with. */
export type NumberOperand =
  number | bigint | AnyExpression<NumberType | Of<string> | Wide<unknown> | Common<unknown>>;
/** What a text may be compared with. */
export type TextOperand = string | AnyExpression<"string" | "uuid" | "json" | Of<string> | Common<unknown>>;
/** What a day or an instant may be compared with: texts are ISO 8601. */
export type MomentOperand =
  Date | string | AnyExpression<"date" | "timestamp" | "timestamptz" | Of<string> | Common<unknown>>;
/** What a condition may be joined with. */
export type TruthOperand = boolean | AnyExpression<"boolean" | Of<string> | Common<unknown>>;
/** A value or an expression of any family. */
export type Operand = number | bigint | string | boolean | Date | AnyExpression;

/** Columns by name, each with one family. */
export type Each<Names extends string, F extends Family> = { readonly [Name in Names]: F };

/** The needs of an operand that is used as a family. */
export type NeedsOf<O, F extends Family> =
  O extends Known<string, infer N, infer G, Kind> ? N & Narrow<G, F> : unknown;

/** What using something that gives `G` as a family asks of the columns whose type it has. */
export type Narrow<G, F extends Family> = [G] extends [Of<infer Name>]
  ? Each<Name, F>
  : [G] extends [Common<infer L>]
    ? Each<Extract<L, Of<string>>["column"], F>
    : unknown;

/** Whether an operand is of rows or groups; neither for a plain value. */
export type KindOf<O> = O extends Known<string, never, unknown, infer K> ? K : never;

/** The families that an operand may be compared with. */
export type ComparableWith<O> = O extends number | bigint
  ? "number"
  : O extends string
    ? "string" | "date" | "time" | "interval"
    : O extends boolean
      ? "boolean"
      : O extends Date
        ? "date"
        : O extends Known<string, never, infer G, Kind>
          ? FamilyGiven<G>
          : Family;

/** The family of what is given, where the expression alone tells it. */
type FamilyGiven<G> = [G] extends [ColumnType]
  ? FamilyOf<G>
  : [G] extends [Wide<unknown>]
    ? "number"
    : Family;

/** The types that what is given is made of. */
export type LeavesOf<G> = G extends Wide<infer L> ? L : G extends Common<infer L> ? L : G;

/** The same of an operand. */
export type LeavesOfOperand<O> =
  O extends Known<string, never, infer G, Kind>
    ? LeavesOf<G>
    : O extends bigint
      ? "int64"
      : O extends number
        ? number extends O
          ? SomeNumber
          : `${O}` extends `${bigint}`
            ? "int64"
            : "float64"
        : O extends string
          ? "string"
          : O extends boolean
            ? "boolean"
            : O extends Date
              ? "timestamptz"
              : never;

/** The type that an expression has on a table. */
export type Resolve<G, C extends TableColumns> = G extends ColumnType
  ? G
  : G extends Of<infer Name>
    ? ColumnOf<C, Name>
    : G extends Wide<infer L>
      ? Numbers<L, C>
      : G extends Common<infer L>
        ? OneOf<ResolveLeaf<Exclude<L, SomeNumber>, C>, L, C>
        : never;

type ColumnOf<C extends TableColumns, Name> =
  AreUnknown<C> extends true ? ColumnType : Name extends keyof C ? C[Name] : never;

type ResolveLeaf<L, C extends TableColumns> = L extends Of<infer Name> ? ColumnOf<C, Name> : L;

type Numbers<L, C extends TableColumns> = SomeNumber extends L
  ? | Widest<ResolveLeaf<Exclude<L, SomeNumber>, C> | "int64">
    | Widest<ResolveLeaf<Exclude<L, SomeNumber>, C> | "float64">
  : Widest<ResolveLeaf<L, C>>;

type OneOf<T, L, C extends TableColumns> = [ColumnType] extends [T]
  ? ColumnType
  : [T] extends [NumberType]
    ? IsOne<T> extends true
      ? SomeNumber extends L
        ? Numbers<L, C>
        : T
      : Numbers<L, C>
    : IsOne<T> extends true
      ? T
      : [T] extends ["string" | "uuid" | "json"]
        ? "string"
        : [T] extends ["date" | "timestamp"]
          ? "timestamp"
          : [T] extends ["date" | "timestamp" | "timestamptz"]
            ? "timestamptz"
            : never;

type IsOne<T, U = T> = T extends unknown ? ([U] extends [T] ? true : false) : never;

/** The expression with the methods of what it gives. */
export type ByGiven<G, N, K> = [G] extends [Of<string> | Common<unknown>]
  ? Like<G, N, K>
  : [G] extends [NumberType | Wide<unknown>]
    ? Numeric<G, N, K>
    : [G] extends ["boolean"]
      ? Truth<N, K>
      : [G] extends ["string" | "uuid" | "json"]
        ? Text<G, N, K>
        : [G] extends ["date" | "timestamp" | "timestamptz"]
          ? Moment<G, N, K>
          : Plain<G, N, K>;

/** The expression that an operand is, or that holds its value. */
export type GivenBy<O> = O extends Known<string, never, infer G, Kind> ? G : ByLiteral<O>;

type ByLiteral<O> = LeavesOfOperand<O> extends infer L ? (L extends ColumnType ? L : Wide<L>) : never;

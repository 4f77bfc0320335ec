/** @file The types of tables that verbs make, and of what is read from them. */
import type { ColumnType, TableColumns, TableFiles } from "./column-types.ts";
import type { ExpressionOn, Gives, Known, Kind, Ordering, Of, Resolve } from "./expression-types.ts";
import type { AreUnknown, FamiliesOf, NameOf, NamesOfType, Widest, NumberType } from "./families.ts";
import type { RowValue } from "./query-result.ts";

/** The columns of a file by its path, where the project's declarations have it; else unknown. */
export type ColumnsOf<Path extends string> = string extends Path
  ? TableColumns
  : Path extends keyof TableFiles
    ? TableFiles[Path] extends TableColumns
      ? TableFiles[Path]
      : TableColumns
    : TableColumns;

/** The same type, written out: the condition keeps errors and hovers from showing how it was made. */
export type Flat<T> = T extends unknown ? { readonly [Name in keyof T]: T[Name] } : never;

/** The columns, some with types that were asked for; unknown where these are. */
export type Retyped<C extends TableColumns, Types> = [Types] extends [undefined]
  ? C
  : string extends keyof Types
    ? TableColumns
    : AreUnknown<C> extends true
      ? TableColumns
      : { readonly [Name in keyof C]: Name extends keyof Types ? Extract<Types[Name], ColumnType> : C[Name] };

/** A condition that a table with these columns can compute. */
export type ConditionOn<C extends TableColumns> = ExpressionOn<C, "boolean" | Of<NamesOfType<C, "boolean">>>;

/** An expression of each row. */
export type RowExpressionOn<C extends TableColumns> = ExpressionOn<C>;

/** An expression of a group of rows. */
export type GroupExpressionOn<C extends TableColumns> = ExpressionOn<C, Gives, "group">;

/** A column's name, or an order by an expression. */
export type SortTermOn<C extends TableColumns> = NameOf<C> | Ordering<NameOf<C>, FamiliesOf<C>>;

/** The columns that were selected. */
export type Selected<C extends TableColumns, Names extends string> =
  AreUnknown<C> extends true ? { readonly [Name in Names]: ColumnType } : Flat<Pick<C, Names & keyof C>>;

/** The columns without some. */
export type Dropped<C extends TableColumns, Names extends string> =
  AreUnknown<C> extends true ? TableColumns : Flat<Omit<C, Names>>;

/** The columns under other names. */
export type Renamed<C extends TableColumns, Names> =
  AreUnknown<C> extends true
    ? TableColumns
    : { readonly [Name in keyof C as Name extends keyof Names ? Names[Name] & string : Name]: C[Name] };

/** The types of expressions on a table. */
export type Resolved<C extends TableColumns, E> = {
  readonly [Name in keyof E & string]: Extract<Resolve<GivenOf<E[Name]>, C>, ColumnType>;
};

type GivenOf<E> = E extends Known<string, never, infer G, Kind> ? G : never;

/** The columns with those of expressions, which take the place of columns of the same name. */
export type Derived<C extends TableColumns, E> =
  AreUnknown<C> extends true ? TableColumns : Flat<Omit<C, keyof E> & Resolved<C, E>>;

/** Keys and what was aggregated. */
export type Aggregated<C extends TableColumns, Keys extends string, E> = Flat<
  Selected<C, Keys> & Resolved<C, E>
>;

/** Columns of both sides; a name of the right side that the left one has gets the suffix. */
export type Joined<
  L extends TableColumns,
  R extends TableColumns,
  RightKeys extends string,
  Suffix extends string,
> =
  AreUnknown<L> extends true
    ? TableColumns
    : AreUnknown<R> extends true
      ? TableColumns
      : Flat<
          L & {
            readonly [
              Name in keyof R & string as Name extends RightKeys
                ? never
                : Name extends keyof L
                  ? `${Name}${Suffix}`
                  : Name
            ]: R[Name];
          }
        >;

/** A column to join on: of one name in both tables, or from the left one's to the right one's. */
export type KeyOf<C extends TableColumns, D extends TableColumns> =
  (NameOf<C> & NameOf<D>) | { readonly [Name in NameOf<C>]?: NameOf<D> };

/** Columns to join on. */
export type KeysOf<C extends TableColumns, D extends TableColumns> =
  KeyOf<C, D> | readonly (NameOf<C> & NameOf<D>)[];

/** The right table's names of what is joined on. */
export type RightKeys<On> = On extends string
  ? On
  : On extends readonly (infer Name)[]
    ? Extract<Name, string>
    : Extract<On[keyof On], string>;

/** What is joined on, where it has one name. */
export type SameKey<On> = On extends string
  ? On
  : Extract<{ [Name in keyof On]: On[Name] & Name }[keyof On], string>;

/** Keys and a column for each value. */
export type Pivoted<
  C extends TableColumns,
  Index extends string,
  Value extends string | number | boolean,
  E,
> = Flat<
  Selected<C, Index> & {
    readonly [Name in `${Value}`]: Resolved<C, { readonly value: E }>["value"];
  }
>;

/** The other columns, with a name and a value. */
export type Unpivoted<
  C extends TableColumns,
  Names extends string,
  Name extends string,
  Value extends string,
> =
  AreUnknown<C> extends true
    ? TableColumns
    : Flat<
        Omit<C, Names> & { readonly [Key in Name]: "string" } & {
          readonly [Key in Value]: CommonOf<C, Names>;
        }
      >;

/** Columns of two tables one below the other. */
export type United<A extends TableColumns, B extends TableColumns> =
  AreUnknown<A> extends true
    ? TableColumns
    : AreUnknown<B> extends true
      ? A
      : { readonly [Name in keyof A]: Name extends keyof B ? Either<A[Name], B[Name]> : A[Name] };

type Either<A, B> = [A] extends [B]
  ? [B] extends [A]
    ? Extract<A, ColumnType>
    : Unequal<A | B>
  : Unequal<A | B>;
type Unequal<T> = [T] extends [NumberType] ? Extract<Widest<T>, ColumnType> : ColumnType;

/** The one type of several columns, as `unpivot` gives it. */
export type CommonOf<C extends TableColumns, Names extends string> =
  AreUnknown<C> extends true ? ColumnType : CommonType<C[Names & keyof C]>;
type CommonType<T> = [T] extends [NumberType]
  ? IsUnion<T> extends true
    ? Extract<Widest<T>, ColumnType>
    : T
  : IsUnion<T> extends true
    ? ColumnType
    : Extract<T, ColumnType>;
type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never;

interface ValueByType {
  readonly boolean: boolean;
  readonly int8: number;
  readonly int16: number;
  readonly int32: number;
  readonly int64: number | bigint;
  readonly int128: number | bigint;
  readonly uint8: number;
  readonly uint16: number;
  readonly uint32: number;
  readonly uint64: number | bigint;
  readonly uint128: number | bigint;
  readonly decimal: number;
  readonly float32: number;
  readonly float64: number;
  readonly string: string;
  readonly date: Date;
  readonly timestamp: Date;
  readonly timestamptz: Date;
  readonly uuid: string;
  readonly blob: Uint8Array;
  readonly json: string;
}

/** A value of a row: what its type is in JavaScript, or null. Integers are numbers wherever a number holds them exactly. */
export type ValueOf<T extends ColumnType> = [ColumnType] extends [T]
  ? RowValue
  : (T extends keyof ValueByType ? ValueByType[T] : RowValue) | null;

/** A row of a table. */
export type RowOf<C extends TableColumns> =
  AreUnknown<C> extends true
    ? Readonly<Record<string, RowValue>>
    : { readonly [Name in keyof C]: ValueOf<C[Name]> };

interface ArrayByType {
  /** 0 and 1. */
  readonly boolean: Uint8Array<ArrayBuffer>;
  readonly int8: Int8Array<ArrayBuffer>;
  readonly int16: Int16Array<ArrayBuffer>;
  readonly int32: Int32Array<ArrayBuffer>;
  readonly int64: BigInt64Array<ArrayBuffer>;
  readonly uint8: Uint8Array<ArrayBuffer>;
  readonly uint16: Uint16Array<ArrayBuffer>;
  readonly uint32: Uint32Array<ArrayBuffer>;
  readonly uint64: BigUint64Array<ArrayBuffer>;
  readonly float32: Float32Array<ArrayBuffer>;
  readonly float64: Float64Array<ArrayBuffer>;
  readonly decimal: Float64Array<ArrayBuffer>;
  readonly string: readonly string[];
  readonly uuid: readonly string[];
  readonly json: readonly string[];
  /** Days since 1970-01-01. */
  readonly date: Int32Array<ArrayBuffer>;
  /** Microseconds since 1970-01-01T00:00:00. */
  readonly timestamp: BigInt64Array<ArrayBuffer>;
  /** Microseconds since 1970-01-01T00:00:00Z. */
  readonly timestamptz: BigInt64Array<ArrayBuffer>;
}

/** Any array of a column. */
export type AnyColumnArray = ArrayByType[keyof ArrayByType] | readonly RowValue[];

/** The array of a column. */
export type ArrayOf<T extends ColumnType> = [ColumnType] extends [T]
  ? AnyColumnArray
  : T extends keyof ArrayByType
    ? ArrayByType[T]
    : readonly RowValue[];

/** One array for each column. */
export type ArraysOf<C extends TableColumns> =
  AreUnknown<C> extends true
    ? Readonly<Record<string, AnyColumnArray>>
    : { readonly [Name in keyof C]: ArrayOf<C[Name]> };

/** Some rows of a table, in its order. */
export interface TableBatch<C extends TableColumns> {
  readonly rowCount: number;
  readonly arrays: ArraysOf<C>;
}

/** @file Routes checked against the columns that the compiler knows. */
import type { ColumnType, TableColumns } from "../data/column-types.ts";
import type { TableSource } from "../data/table-source.ts";
import type { Transformer } from "./transformer.ts";

/** A source whose columns the compiler knows: what is read of a table's type. The value is for the compiler only. */
export interface TypedSource<C extends TableColumns> extends TableSource {
  readonly columnTypes?: C;
}

/** A mistake in routes; its message is what the compiler shows. */
export interface RouteError<Message extends string> {
  readonly error: Message;
}

/** The columns of a table; of a source that says nothing, `string` to any type. */
type ColumnsOf<T> = T extends { readonly columnTypes?: infer C }
  ? C extends TableColumns
    ? C
    : TableColumns
  : TableColumns;

/** The chain's first step that doesn't take what comes to it; never where all do. */
type ChainError<
  Chain extends readonly unknown[],
  Type extends ColumnType,
  Name extends string,
> = Chain extends readonly [Transformer<infer Takes, infer Gives>, ...infer Rest]
  ? Type extends Takes
    ? ChainError<Rest, Gives extends "same" ? Type : "float64", Name>
    : `a transformer of column "${Name}" does not take ${Type}`
  : never;

type ColumnErrors<
  Names extends readonly string[],
  Chain extends readonly unknown[],
  C extends TableColumns,
> = {
  readonly [At in keyof Names]: Names[At] extends keyof C & string
    ? ChainError<Chain, C[Names[At]], Names[At]>
    : `there is no column "${Names[At]}"`;
}[number];

type RouteErrors<Name extends string, Route, C extends TableColumns> = Route extends {
  readonly columns: infer Names extends readonly string[];
  readonly steps: infer Chain extends readonly unknown[];
}
  ? ColumnErrors<Names, Chain, C>
  : ColumnErrors<readonly [Name], Route extends readonly unknown[] ? Route : readonly [Route], C>;

/** What a table must be beside a source: nothing, or an error that no table has. */
export type CheckedRoutes<R, T> = string extends keyof ColumnsOf<T>
  ? unknown
  : { readonly [Name in keyof R & string]: RouteErrors<Name, R[Name], ColumnsOf<T>> }[keyof R &
        string] extends infer Message
    ? [Message] extends [never]
      ? unknown
      : RouteError<Message & string>
    : never;

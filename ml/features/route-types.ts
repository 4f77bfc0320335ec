/** @file Routes checked against the columns that the compiler knows. */
import type { ColumnType, TableColumns } from "../data/column-types.ts";
import type { Table } from "../data/table.ts";
import type { Transformer } from "./transformer.ts";

/** A mistake in routes; its message is what the compiler shows. */
export interface RouteError<Message extends string> {
  readonly error: Message;
}

/** The columns of a table; of a source that says nothing, `string` to any type. */
type ColumnsOf<T> = T extends Table<infer C> ? C : TableColumns;

/** The chain's first step that doesn't take what comes to it; never where all do, or the type isn't known. */
type ChainError<
  Chain extends readonly unknown[],
  Type extends ColumnType,
  Name extends string,
> = Chain extends readonly [Transformer<infer Takes, infer Gives>, ...infer Rest]
  ? [ColumnType] extends [Type]
    ? never
    : Type extends Takes
      ? ChainError<Rest, Gives extends "same" ? Type : "float64", Name>
      : `a transformer of column '${Name}' does not take ${Type}`
  : never;

type ColumnErrors<
  Names extends readonly string[],
  Chain extends readonly unknown[],
  C extends TableColumns,
> = {
  readonly [At in keyof Names]: Names[At] extends keyof C & string
    ? ChainError<Chain, C[Names[At]], Names[At]>
    : `there is no column '${Names[At]}'`;
}[number];

type RouteErrors<Name extends string, Route, C extends TableColumns> = Route extends {
  readonly columns: infer Names extends readonly string[];
  readonly steps: infer Chain extends readonly unknown[];
}
  ? ColumnErrors<Names, Chain, C>
  : ColumnErrors<readonly [Name], Route extends readonly unknown[] ? Route : readonly [Route], C>;

/** The columns that routes read. */
type UsedColumns<R> = {
  readonly [Name in keyof R & string]: R[Name] extends {
    readonly columns: infer Names extends readonly string[];
  }
    ? Names[number]
    : Name;
}[keyof R & string];

/** What is wrong with a target: it is among the features, or no column. Nothing of features that aren't known. */
type TargetErrors<R, C extends TableColumns, Target extends string> = string extends Target | UsedColumns<R>
  ? never
  : Target extends UsedColumns<R>
    ? `'${Target}' is the target: no feature may be made of it`
    : Target extends keyof C
      ? never
      : `there is no column '${Target}'`;

/** What a table must be beside a source: nothing, or an error that no table has. */
export type CheckedRoutes<R, T, Target extends string> = [RoutesErrors<R, ColumnsOf<T>, Target>] extends [
  never,
]
  ? unknown
  : RouteError<RoutesErrors<R, ColumnsOf<T>, Target>>;

type RoutesErrors<R, C extends TableColumns, Target extends string> =
  | TargetErrors<R, C, Target>
  | (string extends keyof C
      ? never
      : { readonly [Name in keyof R & string]: RouteErrors<Name, R[Name], C> }[keyof R & string]);

/** @file What a network learns from in a table, and the tensors that the rows become: types only. */
import type { ColumnType, TableColumns } from "../../data/column-types.ts";
import type { NamesOfType, NumberType } from "../../data/families.ts";
import type { Table } from "../../data/table.ts";
import type { TableSource } from "../../data/table-source.ts";
import type { AnyColumnArray } from "../../data/table-types.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Tree } from "../../graph/trees.ts";

/** A value that stands for a category or a class. */
export type CategoryValue = string | number | bigint | boolean;

type Numeric = NumberType | "boolean";
type Categorical = Exclude<NumberType, "decimal" | "float32" | "float64"> | "boolean" | "string" | "uuid";

/** Features that compute themselves from a table, some rows at a time: fitted ones of `tenon/features`. */
export interface RowFeatures {
  /** The names of the features, in order. */
  readonly names: readonly string[];
  /** The columns that they are computed from. */
  readonly inputs: readonly { readonly name: string }[];
  /** The features of at least so many rows at a time, with other columns of the same rows. */
  batches(
    table: TableSource,
    options: { readonly rows: number; readonly columns: readonly string[] },
  ): AsyncIterable<{
    readonly matrix: { readonly data: Float32Array; readonly rows: number };
    readonly arrays: Readonly<Record<string, AnyColumnArray>>;
  }>;
}

/** The columns of a table as the compiler knows them; of a source that says nothing, any. */
export type ColumnsOfSource<T> = T extends Table<infer C> ? C : TableColumns;

/** Which columns of a table become which tensors of a batch. */
export interface TableSelection<C extends TableColumns = Readonly<Record<string, ColumnType>>> {
  /** Columns of numbers (or booleans, as 0 and 1), or fitted features: `features` of a batch, `[rows, columns]` of float32. */
  readonly features?: readonly NamesOfType<C, Numeric>[] | RowFeatures;
  /**
   * Columns of categories with the categories that each may hold: `categories.NAME` of a batch, `[rows]` of int64, the
   * places of the values in the list, for `embedding`. See `categoriesOf`.
   */
  readonly categories?: { readonly [Name in NamesOfType<C, Categorical>]?: readonly CategoryValue[] };
  /**
   * What is to be predicted: `target` of a batch. A column of numbers or several become `[rows, columns]` of float32; a column
   * with `classes` becomes `[rows]` of int64, the places of its values among them, for `crossEntropy`.
   */
  readonly target?: NamesOfType<C, Numeric | Categorical> | readonly NamesOfType<C, Numeric>[];
  /** The classes that the target may be. */
  readonly classes?: readonly CategoryValue[];
}

type Width<Names> = Names extends readonly unknown[] ? Names["length"] : number;

type FeaturesOf<S> = S extends { readonly features: infer F }
  ? { readonly features: Tensor<readonly [number, Width<F>], "float32"> }
  : unknown;

type CategoriesOf<S> = S extends { readonly categories: infer Lists }
  ? { readonly categories: { readonly [Name in keyof Lists]: Tensor<readonly [number], "int64"> } }
  : unknown;

type TargetOf<S> = S extends { readonly target: infer Target }
  ? {
      readonly target: S extends { readonly classes: readonly CategoryValue[] }
        ? Tensor<readonly [number], "int64">
        : Tensor<readonly [number, Target extends readonly unknown[] ? Target["length"] : 1], "float32">;
    }
  : unknown;

type Written<T> = { readonly [Name in keyof T]: T[Name] };

/** The tensors of rows that were selected. */
export type SelectedRows<S> =
  Written<FeaturesOf<S> & CategoriesOf<S> & TargetOf<S>> extends infer Rows extends Tree ? Rows : never;

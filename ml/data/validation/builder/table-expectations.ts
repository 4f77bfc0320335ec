/** @file Expectations of tables as a whole, and of several columns in each row. */
import type { ColumnType, TableColumns } from "../../column-types.ts";
import { ExpectationList } from "./expectation-list.ts";
import type {
  BoundOptions,
  CommonOptions,
  MulticolumnOptions,
  PairOptions,
  RowOptions,
} from "./arguments.ts";
import type { AnyColumn, NumberColumn, OrderedColumn, ValueOf } from "./columns-by-type.ts";

/** The part of a suite that is about tables. */
export abstract class TableExpectations<C extends TableColumns, Self> extends ExpectationList<Self> {
  /** The number of rows is `value`. */
  expectTableRowCountToEqual(value: number, options: RowOptions<C> = {}): Self {
    return this.add("expect_table_row_count_to_equal", { value, ...options });
  }

  /** The number of rows is within limits. */
  expectTableRowCountToBeBetween(options: BoundOptions<number> & RowOptions<C>): Self {
    return this.add("expect_table_row_count_to_be_between", { ...options });
  }

  /** There are as many rows as in another table or view of the same database. */
  expectTableRowCountToEqualOtherTable(otherTableName: string, options: RowOptions<C> = {}): Self {
    return this.add("expect_table_row_count_to_equal_other_table", { otherTableName, ...options });
  }

  /** The number of columns is `value`. */
  expectTableColumnCountToEqual(value: number, options: CommonOptions = {}): Self {
    return this.add("expect_table_column_count_to_equal", { value, ...options });
  }

  /** The number of columns is within limits. */
  expectTableColumnCountToBeBetween(options: BoundOptions<number> & CommonOptions): Self {
    return this.add("expect_table_column_count_to_be_between", { ...options });
  }

  /** The columns are these, in any order; with `exactMatch: false` there may be others. */
  expectTableColumnsToMatchSet(
    columnSet: readonly string[],
    options: { readonly exactMatch?: boolean } & CommonOptions = {},
  ): Self {
    return this.add("expect_table_columns_to_match_set", { columnSet, ...options });
  }

  /** The columns are these, in this order. */
  expectTableColumnsToMatchOrderedList(columnList: readonly string[], options: CommonOptions = {}): Self {
    return this.add("expect_table_columns_to_match_ordered_list", { columnList, ...options });
  }

  /** There is such a column; with `columnIndex`, at this place, from 0. */
  expectColumnToExist(column: string, options: { readonly columnIndex?: number } & CommonOptions = {}): Self {
    return this.add("expect_column_to_exist", { column, ...options });
  }

  /** The column has this type. */
  expectColumnTypeToBe(column: AnyColumn<C>, type: ColumnType, options: CommonOptions = {}): Self {
    return this.add("expect_column_type_to_be", { column, type, ...options });
  }

  /** The column has this type. */
  expectColumnValuesToBeOfType(column: AnyColumn<C>, type: ColumnType, options: CommonOptions = {}): Self {
    return this.add("expect_column_values_to_be_of_type", { column, type, ...options });
  }

  /** The column has one of these types. */
  expectColumnValuesToBeInTypeList(
    column: AnyColumn<C>,
    typeList: readonly ColumnType[],
    options: CommonOptions = {},
  ): Self {
    return this.add("expect_column_values_to_be_in_type_list", { column, typeList, ...options });
  }

  /** In each row A is greater than B; with `orEqual`, or the same. */
  expectColumnPairValuesAToBeGreaterThanB(
    columnA: OrderedColumn<C>,
    columnB: OrderedColumn<C>,
    options: { readonly orEqual?: boolean } & PairOptions<C> = {},
  ): Self {
    return this.add("expect_column_pair_values_a_to_be_greater_than_b", { columnA, columnB, ...options });
  }

  /** In each row both values are the same. */
  expectColumnPairValuesToBeEqual(
    columnA: AnyColumn<C>,
    columnB: AnyColumn<C>,
    options: PairOptions<C> = {},
  ): Self {
    return this.add("expect_column_pair_values_to_be_equal", { columnA, columnB, ...options });
  }

  /** Each row's pair of values is among these; null stands for a missing value. */
  expectColumnPairValuesToBeInSet<A extends AnyColumn<C>, B extends AnyColumn<C>>(
    columnA: A,
    columnB: B,
    valuePairsSet: readonly (readonly [ValueOf<C[A]> | null, ValueOf<C[B]> | null])[],
    options: PairOptions<C> = {},
  ): Self {
    return this.add("expect_column_pair_values_to_be_in_set", {
      columnA,
      columnB,
      valuePairsSet,
      ...options,
    });
  }

  /** No two rows have the same values in all of these columns. */
  expectCompoundColumnsToBeUnique(
    columnList: readonly AnyColumn<C>[],
    options: MulticolumnOptions<C> = {},
  ): Self {
    return this.add("expect_compound_columns_to_be_unique", { columnList, ...options });
  }

  /** In each row these columns have different values. */
  expectSelectColumnValuesToBeUniqueWithinRecord(
    columnList: readonly AnyColumn<C>[],
    options: MulticolumnOptions<C> = {},
  ): Self {
    return this.add("expect_select_column_values_to_be_unique_within_record", { columnList, ...options });
  }

  /** In each row these columns have the same value. */
  expectMulticolumnValuesToBeEqual(
    columnList: readonly AnyColumn<C>[],
    options: MulticolumnOptions<C> = {},
  ): Self {
    return this.add("expect_multicolumn_values_to_be_equal", { columnList, ...options });
  }

  /** In each row these columns sum to a total. */
  expectMulticolumnSumToEqual(
    columnList: readonly NumberColumn<C>[],
    sumTotal: number,
    options: MulticolumnOptions<C> = {},
  ): Self {
    return this.add("expect_multicolumn_sum_to_equal", { columnList, sumTotal, ...options });
  }
}

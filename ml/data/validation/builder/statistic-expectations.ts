/** @file Expectations of a column's statistics. Missing values (null, NaN) count in no statistic. */
import type { TableColumns } from "../../column-types.ts";
import type { BinPartition, BoundOptions, RowOptions, ValuePartition } from "./arguments.ts";
import type { AnyColumn, NumberColumn, OrderedColumn, ValueOf } from "./columns-by-type.ts";
import { ValueExpectations } from "./value-expectations.ts";

/** The part of a suite that is about statistics. */
export abstract class StatisticExpectations<C extends TableColumns, Self> extends ValueExpectations<C, Self> {
  /** The least value is within limits. */
  expectColumnMinToBeBetween<N extends OrderedColumn<C>>(
    column: N,
    options: BoundOptions<ValueOf<C[N]>> & RowOptions<C>,
  ): Self {
    return this.add("expect_column_min_to_be_between", { column, ...options });
  }

  /** The greatest value is within limits. */
  expectColumnMaxToBeBetween<N extends OrderedColumn<C>>(
    column: N,
    options: BoundOptions<ValueOf<C[N]>> & RowOptions<C>,
  ): Self {
    return this.add("expect_column_max_to_be_between", { column, ...options });
  }

  /** The mean is within limits. */
  expectColumnMeanToBeBetween(column: NumberColumn<C>, options: Limits<C>): Self {
    return this.add("expect_column_mean_to_be_between", { column, ...options });
  }

  /** The median, of an even number of values the mean of the middle two, is within limits. */
  expectColumnMedianToBeBetween(column: NumberColumn<C>, options: Limits<C>): Self {
    return this.add("expect_column_median_to_be_between", { column, ...options });
  }

  /** The sample's standard deviation (n - 1) is within limits. */
  expectColumnStdevToBeBetween(column: NumberColumn<C>, options: Limits<C>): Self {
    return this.add("expect_column_stdev_to_be_between", { column, ...options });
  }

  /** The sum is within limits. */
  expectColumnSumToBeBetween(column: NumberColumn<C>, options: Limits<C>): Self {
    return this.add("expect_column_sum_to_be_between", { column, ...options });
  }

  /** Each quantile is within its range; null is no limit. A quantile is the value nearest to its rank. */
  expectColumnQuantileValuesToBeBetween(
    column: NumberColumn<C>,
    quantileRanges: {
      readonly quantiles: readonly number[];
      readonly valueRanges: readonly (readonly [number | null, number | null])[];
    },
    options: RowOptions<C> = {},
  ): Self {
    return this.add("expect_column_quantile_values_to_be_between", { column, quantileRanges, ...options });
  }

  /** The number of different values is within limits. */
  expectColumnUniqueValueCountToBeBetween(column: AnyColumn<C>, options: Limits<C>): Self {
    return this.add("expect_column_unique_value_count_to_be_between", { column, ...options });
  }

  /** The number of different values, as a share of all that aren't missing, is within limits. */
  expectColumnProportionOfUniqueValuesToBeBetween(column: AnyColumn<C>, options: Limits<C>): Self {
    return this.add("expect_column_proportion_of_unique_values_to_be_between", { column, ...options });
  }

  /** The share of values that aren't missing is within limits. */
  expectColumnProportionOfNonNullValuesToBeBetween(column: AnyColumn<C>, options: Limits<C>): Self {
    return this.add("expect_column_proportion_of_non_null_values_to_be_between", { column, ...options });
  }

  /** The column has no other values than these. */
  expectColumnDistinctValuesToBeInSet<N extends AnyColumn<C>>(
    column: N,
    valueSet: readonly ValueOf<C[N]>[],
    options: RowOptions<C> = {},
  ): Self {
    return this.add("expect_column_distinct_values_to_be_in_set", { column, valueSet, ...options });
  }

  /** The column has each of these values. */
  expectColumnDistinctValuesToContainSet<N extends AnyColumn<C>>(
    column: N,
    valueSet: readonly ValueOf<C[N]>[],
    options: RowOptions<C> = {},
  ): Self {
    return this.add("expect_column_distinct_values_to_contain_set", { column, valueSet, ...options });
  }

  /** The column has these values, each of them and no others. */
  expectColumnDistinctValuesToEqualSet<N extends AnyColumn<C>>(
    column: N,
    valueSet: readonly ValueOf<C[N]>[],
    options: RowOptions<C> = {},
  ): Self {
    return this.add("expect_column_distinct_values_to_equal_set", { column, valueSet, ...options });
  }

  /** The most common value is one of these; with `tiesOkay`, one of several that are as common. */
  expectColumnMostCommonValueToBeInSet<N extends AnyColumn<C>>(
    column: N,
    valueSet: readonly ValueOf<C[N]>[],
    options: { readonly tiesOkay?: boolean } & RowOptions<C> = {},
  ): Self {
    return this.add("expect_column_most_common_value_to_be_in_set", { column, valueSet, ...options });
  }

  /** The Kullback-Leibler divergence (nats) of what is observed from a partition is at most `threshold`. */
  expectColumnKLDivergenceToBeLessThan<N extends AnyColumn<C>>(
    column: N,
    partitionObject: ValuePartition<ValueOf<C[N]>> | BinPartition,
    threshold: number,
    options: {
      readonly tailWeightHoldout?: number;
      readonly internalWeightHoldout?: number;
    } & RowOptions<C> = {},
  ): Self {
    const all = { column, partitionObject, threshold, ...options };
    return this.add("expect_column_kl_divergence_to_be_less_than", all);
  }
}

type Limits<C extends TableColumns> = BoundOptions<number> & RowOptions<C>;

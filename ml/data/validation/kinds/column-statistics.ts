/** @file Expectations of a column's statistics: least, greatest, mean, median, deviation, sum, quantiles, counts. */
import * as v from "valibot";
import type { RowValue } from "../../query-result.ts";
import { countOf, listOf, numberOf, resultValue } from "../answers.ts";
import { aggregate, kind, parts, type Bounds, type Evaluation, type Kind } from "../expectation.ts";
import type { Scope } from "../scope.ts";
import { isNumeric, type SqlColumn } from "../sql-values.ts";
import { isWithin, withinSql } from "./bounds.ts";
import { countWhere } from "./map-outcome.ts";
import { distinctCount } from "./distinct-count.ts";
import { quantilesOf, valuesAtRanks } from "./quantiles.ts";
import { requireNumber } from "./require-type.ts";
import { mean, sampleDeviation } from "./statistics-sql.ts";

const bounded = v.strictObject({ ...parts.column, ...parts.rows, ...parts.bounds });

interface BoundedColumn extends Bounds {
  readonly column: string;
}

/** The least or greatest value, of any type that has an order. */
function* extreme(kwargs: BoundedColumn, scope: Scope, name: "min" | "max"): Evaluation {
  const column = scope.column(kwargs.column);
  const value = scope.aggregate(`${name}(${column.value})`);
  const hasBounds = kwargs.min_value !== undefined || kwargs.max_value !== undefined;
  const within = hasBounds ? withinSql(column, value, kwargs) : `${value} IS NOT NULL`;
  const isPlain = isNumeric(column.type) || column.type === "boolean" || column.type === "string";
  const shown = isPlain ? value : `CAST(${value} AS VARCHAR)`;
  const [observed, success] = yield [aggregate(shown), aggregate(within)];
  return { success: success === true, result: { observed_value: resultValue(observed) } };
}

/** A statistic of numbers; null, and then no success, where there is none. */
function* statistic(
  kwargs: BoundedColumn,
  scope: Scope,
  sql: (scope: Scope, column: SqlColumn) => string,
): Evaluation {
  const [answer] = yield [aggregate(sql(scope, scope.column(kwargs.column)))];
  const observed = numberOf(answer);
  return { success: isWithin(observed, kwargs), result: { observed_value: observed } };
}

/** The exact sum for integers and decimals, 0 for no values. */
function* sum(kwargs: BoundedColumn, scope: Scope): Evaluation {
  const column = scope.column(kwargs.column);
  requireNumber(column);
  const [answer] = yield [aggregate(scope.aggregate(`sum(${column.value})`))];
  const observed = answer === null || answer === undefined ? 0 : answer;
  const number = numberOf(observed);
  const result = number === null ? null : resultValue(observed);
  return { success: isWithin(number, kwargs), result: { observed_value: result } };
}

/** A statistic of how many values there are, and how many different ones. */
function* counted(
  kwargs: BoundedColumn,
  scope: Scope,
  statisticOf: (counts: {
    readonly rows: number;
    readonly present: number;
    readonly distinct: number;
  }) => number | null,
): Evaluation {
  const column = scope.column(kwargs.column);
  const [rows, present, answer] = yield [
    aggregate(scope.aggregate("count(*)")),
    countWhere(scope, column, `${column.value} IS NOT NULL`),
    distinctCount(scope, column),
  ];
  const observed = statisticOf({
    rows: countOf(rows),
    present: countOf(present),
    distinct: countOf(answer),
  });
  return { success: isWithin(observed, kwargs), result: { observed_value: observed } };
}

function* nonNullProportion(kwargs: BoundedColumn, scope: Scope): Evaluation {
  const column = scope.column(kwargs.column);
  const [rows, present] = yield [
    aggregate(scope.aggregate("count(*)")),
    countWhere(scope, column, `${column.value} IS NOT NULL`),
  ];
  const observed = countOf(rows) === 0 ? 0 : countOf(present) / countOf(rows);
  return { success: isWithin(observed, kwargs), result: { observed_value: observed } };
}

const range = v.tuple([v.nullable(v.number()), v.nullable(v.number())]);
const quantileArguments = v.strictObject({
  ...parts.column,
  ...parts.rows,
  quantile_ranges: v.pipe(
    v.strictObject({
      quantiles: v.pipe(v.array(v.pipe(v.number(), v.minValue(0), v.maxValue(1))), v.minLength(1)),
      value_ranges: v.array(range),
    }),
    v.check(
      ({ quantiles, value_ranges: ranges }) => quantiles.length === ranges.length,
      "there must be as many value_ranges as quantiles",
    ),
  ),
  // Great Expectations' own suites hold it; quantiles are exact here either way.
  allow_relative_error: v.optional(v.literal(false)),
});

/** Quantiles as values of the column: the one nearest to rank q(n - 1), the even rank where two are as near (NumPy's `nearest`). */
function* quantiles(kwargs: v.InferOutput<typeof quantileArguments>, scope: Scope): Evaluation {
  const column = scope.column(kwargs.column);
  requireNumber(column);
  const present = `${column.value} IS NOT NULL`;
  const [answer] = yield [countWhere(scope, column, present)];
  const count = countOf(answer);
  const { quantiles: wanted, value_ranges: ranges } = kwargs.quantile_ranges;
  let values: readonly (RowValue | null)[] = wanted.map(() => null);
  if (count > 0) {
    const ranks = wanted.map((q) => roundHalfEven(q * (count - 1)));
    const [list] = yield [valuesAtRanks(scope, column, ranks, count)];
    values = listOf(list);
  }
  const details = values.map((found, index) => {
    const value = numberOf(found);
    const [low, high] = ranges[index] ?? [null, null];
    return value !== null && value >= (low ?? -Infinity) && value <= (high ?? Infinity);
  });
  return {
    success: details.every(Boolean),
    result: {
      observed_value: { quantiles: wanted, values: values.map(resultValue) },
      details: { success_details: details },
    },
  };
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The median, of an even number of values the mean of the middle two. */
function* median(kwargs: BoundedColumn, scope: Scope): Evaluation {
  const [answer] = yield [quantilesOf(scope, scope.column(kwargs.column), [0.5])];
  const observed = numberOf(listOf(answer)[0]);
  return { success: isWithin(observed, kwargs), result: { observed_value: observed } };
}

export const columnStatistics = {
  expect_column_min_to_be_between: kind(bounded, (kwargs, scope) => extreme(kwargs, scope, "min")),
  expect_column_max_to_be_between: kind(bounded, (kwargs, scope) => extreme(kwargs, scope, "max")),
  expect_column_mean_to_be_between: kind(bounded, (kwargs, scope) => statistic(kwargs, scope, mean)),
  expect_column_median_to_be_between: kind(bounded, median),
  expect_column_stdev_to_be_between: kind(bounded, (kwargs, scope) =>
    statistic(kwargs, scope, sampleDeviation),
  ),
  expect_column_sum_to_be_between: kind(bounded, sum),
  expect_column_quantile_values_to_be_between: kind(quantileArguments, quantiles),
  expect_column_unique_value_count_to_be_between: kind(bounded, (kwargs, scope) =>
    counted(kwargs, scope, ({ distinct }) => distinct),
  ),
  expect_column_proportion_of_unique_values_to_be_between: kind(bounded, (kwargs, scope) =>
    counted(kwargs, scope, ({ distinct, present }) => (present === 0 ? 0 : distinct / present)),
  ),
  expect_column_proportion_of_non_null_values_to_be_between: kind(bounded, nonNullProportion),
} satisfies Readonly<Record<string, Kind>>;

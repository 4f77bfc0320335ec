/** @file Statistics of a column as SQL aggregates that infinite values don't stop. */
import type { Scope } from "../scope.ts";
import type { SqlColumn } from "../sql-values.ts";
import { requireNumber } from "./require-type.ts";

/** The mean of a column of numbers; infinite or NaN as IEEE arithmetic has it. @throws {@link SuiteError} where it isn't numeric */
export function mean(scope: Scope, column: SqlColumn): string {
  return scope.aggregate(`avg(${requireNumber(column)})`);
}

// The square of a greater one is no DOUBLE.
const greatest = "1e154";

/**
 * The sample's standard deviation (n - 1) of a column of numbers; null for fewer than two, and where one is infinite;
 * infinite where the square of one is.
 * @throws {@link SuiteError} where the column isn't numeric
 */
export function sampleDeviation(scope: Scope, column: SqlColumn): string {
  const number = requireNumber(column);
  // DuckDB refuses deviations that are not finite; those of integers and decimals always are.
  if (column.type !== "float32" && column.type !== "float64")
    return scope.aggregate(`stddev_samp(${number})`);
  const small = `abs(${number}) < ${greatest}`;
  const deviation = scope.aggregate(`stddev_samp(CASE WHEN ${small} THEN ${number} END)`);
  return `CASE WHEN ${scope.aggregate("count(*)", `isinf(${number})`)} > 0 THEN NULL
    WHEN ${scope.aggregate("count(*)", `NOT ${small}`)} > 0 THEN CAST('inf' AS DOUBLE)
    ELSE ${deviation} END`;
}

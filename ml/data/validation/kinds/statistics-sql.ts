/** @file Statistics of a column as SQL aggregates that infinite values don't stop. */
import type { Scope } from "../scope.ts";

/** The mean of DOUBLE values; infinite or NaN as IEEE arithmetic has it. */
export function finiteMean(scope: Scope, number: string): string {
  return scope.aggregate(`avg(${number})`);
}

// The square of a greater one is no DOUBLE.
const greatest = "1e154";

/**
 * The sample's standard deviation (n - 1) of DOUBLE values; null for fewer than two, and where one is infinite; infinite
 * where the square of one is.
 */
export function sampleDeviation(scope: Scope, number: string): string {
  // DuckDB refuses deviations that are not finite.
  const small = `abs(${number}) < ${greatest}`;
  const deviation = scope.aggregate(`stddev_samp(CASE WHEN ${small} THEN ${number} END)`);
  return `CASE WHEN ${scope.aggregate("count(*)", `isinf(${number})`)} > 0 THEN NULL
    WHEN ${scope.aggregate("count(*)", `NOT ${small}`)} > 0 THEN CAST('inf' AS DOUBLE)
    ELSE ${deviation} END`;
}

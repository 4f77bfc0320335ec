/** @file Statistics of a column as SQL aggregates that infinite values don't stop. */
import type { Scope } from "../scope.ts";

/** The mean of DOUBLE values; infinite or NaN as IEEE arithmetic has it. */
export function finiteMean(scope: Scope, number: string): string {
  return scope.aggregate(`avg(${number})`);
}

/** The sample's standard deviation (n - 1) of DOUBLE values; null for fewer than two, and where one is infinite. */
export function sampleDeviation(scope: Scope, number: string): string {
  // DuckDB refuses the deviation of infinite values.
  const finite = scope.aggregate(`stddev_samp(CASE WHEN isfinite(${number}) THEN ${number} END)`);
  return `CASE WHEN ${scope.aggregate("count(*)", `isinf(${number})`)} > 0 THEN NULL ELSE ${finite} END`;
}

/** @file Quantiles of a column, of its rows or of its different values. */
import { countName } from "../few-values.ts";
import { aggregate, ofColumn, query, type Ask } from "../expectation.ts";
import type { Scope } from "../scope.ts";
import type { SqlColumn } from "../sql-values.ts";
import { requireNumber } from "./require-type.ts";

/**
 * Asks for quantiles as a list of DOUBLE, linear between the values of the ranks beside q(n - 1), as NumPy's default.
 * @throws {@link SuiteError} where the column isn't numeric
 */
export function quantilesOf(scope: Scope, column: SqlColumn, quantiles: readonly number[]): Ask {
  const number = requireNumber(column);
  // Integers of 64 bits and less become DOUBLE by themselves, after the selection.
  const value = /^u?int(?:8|16|32|64)$/.test(column.type) ? column.value : number;
  const ask = aggregate(scope.aggregate(`quantile_cont(${value}, [${quantiles.join(", ")}])`));
  return ofColumn(scope, column, ask, (from) => {
    const parts = quantiles.map((q) => {
      const rank = `(${q} * (total - 1))`;
      const low = `min(v) FILTER (WHERE upto > floor(${rank}))`;
      const high = `min(v) FILTER (WHERE upto > ceil(${rank}))`;
      const between = `${low} + (${high} - ${low}) * max(${rank} - floor(${rank}))`;
      return `CASE WHEN ${low} = ${high} THEN ${low} ELSE ${between} END`;
    });
    return `SELECT [${parts.join(", ")}] FROM (${ranked(number, from)})`;
  });
}

/** Asks for the values at ranks, from 0, of a column with `count` values. */
export function valuesAtRanks(scope: Scope, column: SqlColumn, ranks: readonly number[], count: number): Ask {
  // The discrete quantile (k + 1/2) / n is the value of rank k.
  const fractions = ranks.map((rank) => (rank + 0.5) / count);
  const present = scope.from(`${column.value} IS NOT NULL`);
  const ask = query(`SELECT quantile_disc(${column.value}, [${fractions.join(", ")}]) ${present}`);
  return ofColumn(scope, column, ask, (from) => {
    const parts = ranks.map((rank) => `min(v) FILTER (WHERE upto > ${rank})`);
    return `SELECT [${parts.join(", ")}] FROM (${ranked(column.value, from)})`;
  });
}

/** Values with how many are not greater, and how many there are in all. */
function ranked(value: string, from: string): string {
  return `SELECT v, sum(n) OVER (ORDER BY v) AS upto, sum(n) OVER () AS total
    FROM (SELECT ${value} AS v, ${countName} AS n FROM ${from} WHERE ${value} IS NOT NULL)`;
}

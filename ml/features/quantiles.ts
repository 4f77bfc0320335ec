/** @file Quantiles of a column, interpolated linearly between its values (NumPy's "linear"). */
import { toNumber } from "./fit-queries.ts";
import { sqlNumber } from "./sql.ts";
import type { FitQueries } from "./step.ts";

/** From so many quantiles on, sorting the column once is faster than DuckDB's own search for each. */
const sortedFrom = 32;

/** The quantiles at these shares; empty for a column without values. */
export async function quantilesOf(
  x: string,
  shares: readonly number[],
  queries: FitQueries,
): Promise<readonly number[]> {
  if (shares.length < sortedFrom) {
    const list = shares.map(sqlNumber).join(", ");
    const [found] = await queries.aggregate([`quantile_cont(${x}, [${list}])`]);
    return Array.isArray(found) ? found.map(toNumber) : [];
  }
  const count = toNumber((await queries.aggregate([`count(${x})`]))[0]);
  if (count === 0) return [];
  const places = shares.map((share) => share * (count - 1));
  const positions = new Set(places.flatMap((place) => [Math.floor(place), Math.ceil(place)]));
  const rows = await queries.rows(
    (from) =>
      `SELECT position, value FROM (SELECT ${x} AS value, row_number() OVER (ORDER BY ${x}) - 1 AS position FROM ${from} WHERE ${x} IS NOT NULL) WHERE position IN (${[...positions].join(", ")})`,
  );
  const values = new Map(rows.map((row) => [toNumber(row["position"]), toNumber(row["value"])]));
  return places.map((place) => {
    const [low = 0, high = 0] = [values.get(Math.floor(place)), values.get(Math.ceil(place))];
    return low + (high - low) * (place - Math.floor(place));
  });
}

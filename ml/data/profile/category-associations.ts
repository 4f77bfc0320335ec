/** @file How categories go with each other (Cramér's V) and with numbers (the correlation ratio), over the sample. */
import type { Row } from "../query-result.ts";
import { AggregateQuery, numberOf, type Aggregate } from "./aggregate-query.ts";
import { symmetricMatrix } from "./association-matrix.ts";
import { scaledNumber, type ColumnRange } from "./column-range.ts";
import type { ExaminedColumn } from "./examined-column.ts";
import type { WorkingTable } from "./working-table.ts";

/**
 * Cramér's V of each pair of categories, over the rows where both are there: sqrt((χ² / n) / min(r - 1, c - 1)), without
 * a correction for bias, as SciPy's `association(method="cramer")`. Null where one has a single value.
 */
export async function cramersV(
  { database, sample }: WorkingTable,
  categories: readonly ExaminedColumn[],
): Promise<(number | null)[][]> {
  const ids = categories.map(({ id }) => id);
  const pairs = ids.flatMap((a, i) => ids.slice(0, i).map((b) => `(${a}, ${b})`));
  const texts = ids.map((id) => `${id}::VARCHAR`);
  // Of a pair's row, the first and the last id that is there are its two values; χ² = n (Σ nᵢⱼ² / (nᵢ nⱼ) - 1).
  const { rows } = await database.query(
    `WITH counted AS (
       SELECT ${ids.join(", ")}, count(*) AS n, grouping_id(${ids.join(", ")}) AS g FROM ${sample}
       GROUP BY GROUPING SETS (${pairs.join(", ")})),
     pairs AS (
       SELECT g, n::DOUBLE AS n, coalesce(${texts.join(", ")}) AS x, coalesce(${texts.toReversed().join(", ")}) AS y FROM counted
       WHERE ${ids.map((id) => `(${id} IS NOT NULL)::INTEGER`).join(" + ")} = 2),
     shares AS (SELECT g, n, x, y, n * n / (sum(n) OVER (PARTITION BY g, x) * sum(n) OVER (PARTITION BY g, y)) AS share FROM pairs)
     SELECT g, sum(share) - 1 AS phi, least(count(DISTINCT x), count(DISTINCT y)) - 1 AS degrees FROM shares GROUP BY g`,
  );
  const byGroup = new Map(rows.map((row) => [numberOf(row["g"]), row]));
  const bit = (index: number): number => 2 ** (ids.length - 1 - index);
  return symmetricMatrix(ids.length, (i, j) => {
    const row = byGroup.get(2 ** ids.length - 1 - bit(i) - bit(j));
    const degrees = numberOf(row?.["degrees"]);
    return degrees < 1 ? null : Math.sqrt(Math.min(1, Math.max(0, numberOf(row?.["phi"])) / degrees));
  });
}

/**
 * The correlation ratio η of each category with each number: the square root of the share of the number's variance that
 * lies between the categories' means. Rows where either is missing are left out; null where the number is constant.
 */
export async function correlationRatios(
  { database, sample }: WorkingTable,
  categories: readonly ExaminedColumn[],
  numbers: readonly ColumnRange[],
): Promise<(number | null)[][]> {
  const query = new AggregateQuery();
  const sums = numbers.map(({ column: { id } }) => ({
    count: query.add(`count(z_${id})`),
    sum: query.add(`sum(z_${id})`),
    squares: query.add(`sum(z_${id} * z_${id})`),
  }));
  const ids = categories.map(({ id }) => `${id} AS k_${id}`);
  const scaled = numbers.map((range) => `${scaledNumber(range)} AS z_${range.column.id}`);
  const rows = await query.runGrouped(
    database,
    `(SELECT ${[...ids, ...scaled].join(", ")} FROM ${sample})`,
    categories.map(({ id }) => `k_${id}`),
  );
  return rows.map((groups) => sums.map((sum) => ratio(groups, sum)));
}

interface Sums {
  readonly count: Aggregate;
  readonly sum: Aggregate;
  readonly squares: Aggregate;
}

function ratio(groups: readonly Row[], { count, sum, squares }: Sums): number | null {
  let [n, total, all, between] = [0, 0, 0, 0];
  for (const group of groups) {
    const size = numberOf(count(group));
    if (size === 0) continue;
    n += size;
    total += numberOf(sum(group));
    all += numberOf(squares(group));
    between += numberOf(sum(group)) ** 2 / size;
  }
  const spread = all - total ** 2 / n;
  if (n < 2 || !(spread > 0)) return null;
  return Math.sqrt(Math.min(1, Math.max(0, (between - total ** 2 / n) / spread)));
}

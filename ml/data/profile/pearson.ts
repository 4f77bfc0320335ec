/** @file Pearson's correlations of many columns as aggregates of one query. */
import type { Row } from "../query-result.ts";
import { AggregateQuery, numberOf, optionalNumber, type Aggregate } from "./aggregate-query.ts";
import { clamped, symmetricMatrix } from "./association-matrix.ts";
import { scaledNumber, type ColumnRange } from "./column-range.ts";
import type { AssociationMatrix } from "./profile-data.ts";
import type { WorkingTable } from "./working-table.ts";

/**
 * Adds what Pearson's r of each pair needs, each over the rows where both are there. The query reads scaled numbers
 * `z_ID`; `rows` is how many rows the table has, `queried` how many of them the query looks at.
 */
export function addPearson(
  query: AggregateQuery,
  ranges: readonly ColumnRange[],
  rows: number,
  queried: number,
): (row: Row) => AssociationMatrix {
  // Where no value is missing, sums of products are enough; else each pair has rows of its own.
  const sums = ranges.map(({ column, finite }) => {
    if (finite < rows) return undefined;
    const z = `z_${column.id}`;
    return { z, sum: query.add(`sum(${z})`), squares: query.add(`sum(${z} * ${z})`) };
  });
  const pairs = ranges.map((a, i) =>
    ranges.slice(0, i).map((b, j): Aggregate => {
      const [x, y] = [sums[i], sums[j]];
      if (x === undefined || y === undefined) return query.add(`corr(z_${a.column.id}, z_${b.column.id})`);
      const products = query.add(`sum(${x.z} * ${y.z})`);
      return (row) => {
        const [sx, sy] = [numberOf(x.sum(row)), numberOf(y.sum(row))];
        const squares =
          (numberOf(x.squares(row)) - sx ** 2 / queried) * (numberOf(y.squares(row)) - sy ** 2 / queried);
        return squares <= 0 ? null : (numberOf(products(row)) - (sx * sy) / queried) / Math.sqrt(squares);
      };
    }),
  );
  return (row) => ({
    columns: ranges.map(({ column }) => column.name),
    values: symmetricMatrix(ranges.length, (i, j) => clamped(optionalNumber(pairs[i]?.[j]?.(row)))),
  });
}

/** Pearson's correlations over the sample. */
export async function samplePearson(
  table: WorkingTable,
  ranges: readonly ColumnRange[],
): Promise<AssociationMatrix> {
  const query = new AggregateQuery();
  const read = addPearson(query, ranges, table.rows, table.sampledRows);
  const selected = ranges.map((range) => `${scaledNumber(range)} AS z_${range.column.id}`);
  const row = await query.run(table.database, `(SELECT ${selected.join(", ")} FROM ${table.sample})`);
  return { ...read(row), ...(table.isSampled ? { sampledRows: table.sampledRows } : {}) };
}

/** @file The distributions of numbers and dates in two tables: three queries on each side for all columns together. */
import { AggregateQuery, numbersOf } from "../profile/aggregate-query.ts";
import type { ExaminedColumn } from "../profile/examined-column.ts";
import { histogramAggregate, histogramCounts, histogramEdges } from "../profile/histogram.ts";
import type { WorkingTable } from "../profile/working-table.ts";
import type { ColumnPair, ComparedSide } from "./compared-side.ts";
import type { NumberDistribution } from "./comparison-data.ts";
import { jensenShannonDistance, populationStabilityIndex } from "./distances.ts";
import { kolmogorovSmirnov } from "./two-sample-tests.ts";

const shownBins = 20;
const lowest = -Number.MAX_VALUE;

/** Compares the columns, each with finite values on both sides; by their names. */
export async function compareNumbers(
  a: ComparedSide,
  b: ComparedSide,
  pairs: readonly ColumnPair[],
): Promise<Map<string, NumberDistribution>> {
  if (pairs.length === 0) return new Map();
  const cuts = await decileCuts(a.table, pairs);
  const edges = pairs.map(({ a: first, b: second }) => {
    const isInteger = first.range.column.isInteger && second.range.column.isInteger;
    const [low, high] = [
      Math.min(first.range.low, second.range.low),
      Math.max(first.range.high, second.range.high),
    ];
    return histogramEdges(low, high, isInteger, shownBins);
  });
  const measure = async ({ table }: ComparedSide, side: "a" | "b") => {
    const columns = pairs.map((pair) => pair[side].range.column);
    const { bins, shown } = await countBins(table, columns, cuts, edges);
    return { bins, shown, values: await sampledValues(table, columns) };
  };
  const [first, second] = [await measure(a, "a"), await measure(b, "b")];
  return new Map(
    pairs.map(({ name, a: column }, at) => {
      const bins = { cuts: cuts[at] ?? [], a: first.bins[at] ?? [], b: second.bins[at] ?? [] };
      const histogram = { edges: edges[at] ?? [], a: first.shown[at] ?? [], b: second.shown[at] ?? [] };
      const [x, y] = [first.values[at] ?? new Float64Array(), second.values[at] ?? new Float64Array()];
      const isSampled = a.table.isSampled || b.table.isSampled;
      const distribution: NumberDistribution = {
        kind: column.range.column.kind === "date" ? "date" : "number",
        psi: populationStabilityIndex(bins.a, bins.b),
        jensenShannon: jensenShannonDistance(bins.a, bins.b),
        histogram,
        bins,
        kolmogorovSmirnov: {
          ...kolmogorovSmirnov(x, y),
          ...(isSampled ? { sampled: [present(x), present(y)] } : {}),
        },
      };
      return [name, distribution] as const;
    }),
  );
}

/** The deciles of each column of the first table's sample, equal ones once. */
async function decileCuts(
  { database, sample }: WorkingTable,
  pairs: readonly ColumnPair[],
): Promise<number[][]> {
  const query = new AggregateQuery();
  const points = Array.from({ length: 9 }, (_, at) => (at + 1) / 10).join(", ");
  const readers = pairs.map(({ a }) => query.add(`quantile_cont(${a.range.column.number}, [${points}])`));
  const row = await query.run(database, sample);
  return readers.map((read) => Array.from(new Set(numbersOf(read(row)))));
}

async function countBins(
  { database, all }: WorkingTable,
  columns: readonly ExaminedColumn[],
  cuts: readonly (readonly number[])[],
  edges: readonly (readonly number[])[],
): Promise<{ readonly bins: number[][]; readonly shown: number[][] }> {
  const query = new AggregateQuery();
  const readers = columns.map(({ number }, at) => {
    // The last edge is not looked at: what is above the last cut is in the last bin.
    const between = [lowest, ...(cuts[at] ?? []), Number.MAX_VALUE];
    const drawn = edges[at] ?? [];
    const [bins, shown] = [
      query.add(histogramAggregate(number, between)),
      query.add(histogramAggregate(number, drawn)),
    ];
    return { bins, shown, between, drawn };
  });
  const row = await query.run(database, all);
  return {
    bins: readers.map(({ bins, between }) => histogramCounts(bins(row), between)),
    shown: readers.map(({ shown, drawn }) => histogramCounts(shown(row), drawn)),
  };
}

async function sampledValues(
  table: WorkingTable,
  columns: readonly ExaminedColumn[],
): Promise<Float64Array[]> {
  const selected = columns.map(({ number, id }) => `${number} AS ${id}`).join(", ");
  const schema = Object.fromEntries(columns.map(({ id }) => [id, "float64" as const]));
  const values = await table.database.columns(`SELECT ${selected} FROM ${table.sample}`, schema);
  return columns.map(({ id }) => values[id] ?? new Float64Array());
}

function present(values: Float64Array): number {
  return values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
}

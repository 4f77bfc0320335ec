/**
 * @file The numbers of all columns, in two queries over the rows: the first gives ranges, means and quantiles, the second
 * what needs them: moments about the mean, histograms, outliers, distinct counts, Pearson's correlations.
 *
 * Numbers are moved to their mean and divided by their range before they are multiplied, so that neither large values nor
 * large means cost precision.
 */
import type { Row, RowValue } from "../query-result.ts";
import {
  AggregateQuery,
  nothing,
  numberOf,
  numbersOf,
  optionalNumber,
  type Aggregate,
} from "./aggregate-query.ts";
import { plainValues } from "./examined-column.ts";
import { hasSpread, literal, scaledNumber, type ColumnRange } from "./column-range.ts";
import { histogramAggregate, histogramCounts, histogramEdges } from "./histogram.ts";
import { addPearson } from "./pearson.ts";
import type { AssociationMatrix, Histogram, NumberStatistics, Quantile } from "./profile-data.ts";
import type { WorkingTable } from "./working-table.ts";

const quantilePoints = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
const bins = 20;
/** Distinct values are counted among those whose hash ends in zeros, so that about this many are kept. */
const countedDistinct = 10_000;

/** What the second query adds. */
export interface ColumnMoments {
  readonly distinct: number | undefined;
  readonly statistics: Omit<NumberStatistics, "min" | "max"> | undefined;
  readonly histogram: Histogram | undefined;
}

/** The first query: counts, ranges and means over all rows; and a small one for quantiles over the sample. */
export async function measureRanges(table: WorkingTable): Promise<ColumnRange[]> {
  const query = new AggregateQuery();
  const quantiles = await measureQuantiles(table);
  const readers = table.columns.map((column) => {
    const { id, kind, type } = column;
    const isFloat = type === "FLOAT" || type === "DOUBLE";
    const present = query.add(`count(v_${id})`);
    const base = (row: Row) => ({ column, present: numberOf(present(row)) });
    const none = { finite: 0, nan: 0, infinite: 0, low: 0, high: 0, mean: 0, zeros: 0, negatives: 0 };
    if (kind !== "number" && kind !== "date")
      return (row: Row): ColumnRange => ({ ...base(row), ...none, quantiles: [], exact: undefined });
    const n = `n_${id}`;
    const finite = query.add(`count(${n})`);
    const nan = isFloat ? query.add(`count_if(isnan(${id}))`) : nothing;
    const [low, high] = [query.add(`min(${n})`), query.add(`max(${n})`)];
    const isNumber = kind === "number";
    const mean = isNumber ? query.add(`avg(${n})`) : nothing;
    const zeros = isNumber ? query.add(`count_if(${n} = 0)`) : nothing;
    const negatives = isNumber ? query.add(`count_if(${n} < 0)`) : nothing;
    const isWide = /^U?(?:BIG|HUGE)INT$/.test(type);
    const [exactLow, exactHigh] = ["min", "max"].map((end) =>
      isWide ? query.add(`${end}(${id})::VARCHAR`) : nothing,
    );
    return (row: Row): ColumnRange => {
      const [values, counted] = [numberOf(present(row)), numberOf(finite(row))];
      const unusual = numberOf(nan(row)) + values - counted;
      return {
        column: unusual === 0 ? { ...column, ...plainValues(column) } : column,
        present: values,
        exact: exactExtremes(exactLow?.(row), exactHigh?.(row)),
        finite: counted,
        nan: numberOf(nan(row)),
        infinite: values - counted,
        low: numberOf(low(row)),
        high: numberOf(high(row)),
        // The sum of huge values may be infinite where their mean is not.
        mean: optionalNumber(mean(row)) ?? numberOf(low(row)) / 2 + numberOf(high(row)) / 2,
        zeros: numberOf(zeros(row)),
        negatives: numberOf(negatives(row)),
        quantiles: quantiles.get(id) ?? [],
      };
    };
  });
  const values = table.columns.flatMap(({ id, value, number }) => [
    id,
    `${value} AS v_${id}`,
    `${number} AS n_${id}`,
  ]);
  const row = await query.run(table.database, `(SELECT ${values.join(", ")} FROM ${table.all})`);
  return readers.map((read) => read(row));
}

/** The quantiles of numbers, by the columns' ids. */
async function measureQuantiles(table: WorkingTable): Promise<Map<string, Quantile[]>> {
  const query = new AggregateQuery();
  const points = `[${quantilePoints.join(", ")}]`;
  const numbers = table.columns.filter(({ kind }) => kind === "number");
  const readers = numbers.map(({ id, number }) => ({
    id,
    read: query.add(`quantile_cont(${number}, ${points})`),
  }));
  const row = await query.run(table.database, table.sample);
  return new Map(
    readers.map(({ id, read }) => [
      id,
      numbersOf(read(row)).map((value, at) => ({ q: quantilePoints[at] ?? 0, value })),
    ]),
  );
}

function exactExtremes(low: RowValue | undefined, high: RowValue | undefined): ColumnRange["exact"] {
  if (typeof low !== "string" || typeof high !== "string") return undefined;
  return [low, high].every((text) => Number.isSafeInteger(Number(text))) ? undefined : { low, high };
}

/** What {@link measureMoments} gives. */
export interface Measured {
  readonly columns: readonly ColumnMoments[];
  readonly pearson: AssociationMatrix | undefined;
}

/**
 * The second query. The distinct values of the columns in `roughlyDistinct` are estimated, which says how many there may be;
 * Pearson's correlations are those between `correlated` columns.
 */
export async function measureMoments(
  table: WorkingTable,
  ranges: readonly ColumnRange[],
  roughlyDistinct: ReadonlyMap<string, number>,
  correlated: readonly ColumnRange[],
): Promise<Measured> {
  const query = new AggregateQuery();
  const readers = ranges.map((range) => {
    const { id } = range.column;
    const rough = roughlyDistinct.get(id);
    const distinct = rough === undefined ? undefined : addDistinct(query, range, rough);
    const numbers = range.finite > 0 ? addNumber(query, range, table.isSampled) : undefined;
    return (row: Row): ColumnMoments => ({
      distinct: distinct?.(row),
      statistics: numbers?.(row).statistics,
      histogram: numbers?.(row).histogram,
    });
  });
  const pearson = correlated.length > 1 ? addPearson(query, correlated, table.rows, table.rows) : undefined;
  const values = ranges.map(({ column }) => [column.value, `v_${column.id}`] as const);
  const numbers = ranges.map(({ column }) => [column.number, `n_${column.id}`] as const);
  const scaled = ranges.map((range) => [scaledNumber(range), `z_${range.column.id}`] as const);
  const selected = [...values, ...numbers, ...scaled].map(([expression, name]) => `${expression} AS ${name}`);
  const row = await query.run(table.database, `(SELECT ${selected.join(", ")} FROM ${table.all})`);
  return { columns: readers.map((read) => read(row)), pearson: pearson?.(row) };
}

/** Estimates how many values differ: counts those whose hash ends in so many zeros, and multiplies. */
function addDistinct(query: AggregateQuery, range: ColumnRange, rough: number): (row: Row) => number {
  const value = `v_${range.column.id}`;
  const kept = 2 ** Math.max(0, Math.ceil(Math.log2(rough / countedDistinct)));
  const isKept = `${value} IS NOT NULL AND hash(${value}) & ${kept - 1} = 0`;
  const counted = query.add(`count(DISTINCT hash(${value})) FILTER (${isKept})`);
  return (row) => Math.min(range.present, numberOf(counted(row)) * kept);
}

function addNumber(query: AggregateQuery, range: ColumnRange, isEstimated: boolean) {
  const { column, finite: n, low, high, mean } = range;
  const isNumber = column.kind === "number";
  const z = `z_${column.id}`;
  const spread = hasSpread(range) ? high - low : 0;
  const edges = histogramEdges(low, high, column.isInteger, bins);
  const counts = spread === 0 ? nothing : query.add(histogramAggregate(`n_${column.id}`, edges));
  const powers = [1, 2, 3, 4].map((power) =>
    isNumber && spread !== 0
      ? query.add(`sum(${Array.from({ length: power }, () => z).join(" * ")})`)
      : nothing,
  );
  const outliers = isNumber && spread !== 0 ? addOutliers(query, range, spread) : nothing;
  return (row: Row) => {
    const [s1 = 0, s2 = 0, s3 = 0, s4 = 0] = powers.map((power) => numberOf(power(row)));
    const histogram = { edges, counts: spread === 0 ? [n] : histogramCounts(counts(row), edges) };
    const statistics = {
      mean: mean + (spread * s1) / n,
      ...shape(n, s1 / n, s2, s3, s4, spread),
      zeros: range.zeros,
      negatives: range.negatives,
      infinite: range.infinite,
      nan: range.nan,
      outliers: numberOf(outliers(row)),
      quantiles: range.quantiles,
      quantilesApproximate: isEstimated,
      histogram,
    };
    return { histogram, statistics: isNumber ? statistics : undefined };
  };
}

function addOutliers(
  query: AggregateQuery,
  { column, quantiles, mean }: ColumnRange,
  spread: number,
): Aggregate {
  const [first, third] = [0.25, 0.75].map((point) => quantiles.find(({ q }) => q === point)?.value);
  if (first === undefined || third === undefined) return nothing;
  const [middle, reach] = [first / 2 + third / 2, 2 * (third - first)];
  return query.add(
    `count_if(abs(z_${column.id} - ${literal((middle - mean) / spread)}) > ${literal(reach / spread)})`,
  );
}

/** Deviation, skewness G1 and excess kurtosis G2 from power sums of scaled values about `shift` from their mean. */
function shape(n: number, shift: number, s2: number, s3: number, s4: number, spread: number) {
  const m2 = s2 / n - shift ** 2;
  const m3 = s3 / n - 3 * shift * (s2 / n) + 2 * shift ** 3;
  const m4 = s4 / n - 4 * shift * (s3 / n) + 6 * shift ** 2 * (s2 / n) - 3 * shift ** 4;
  const hasShape = spread > 0 && m2 > 0;
  const skew = m3 / m2 ** 1.5;
  const excess = m4 / m2 ** 2 - 3;
  return {
    standardDeviation: n < 2 ? null : spread * Math.sqrt((m2 * n) / (n - 1)),
    skewness: n < 3 || !hasShape ? null : (skew * Math.sqrt(n * (n - 1))) / (n - 2),
    kurtosis: n < 4 || !hasShape ? null : ((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * excess + 6),
  };
}

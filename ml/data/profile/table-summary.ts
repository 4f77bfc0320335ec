/** @file A first look at a table: how many rows, what is missing, and the shape of each column, in a moment. */
import type { Database } from "../database.ts";
import type { TableSource } from "../table-source.ts";
import { identifier } from "../relation-sql.ts";
import { AggregateQuery, numberOf, optionalNumber } from "./aggregate-query.ts";
import { examinedColumns, type ExaminedColumn } from "./examined-column.ts";
import { countValues } from "./frequencies.ts";
import { histogramAggregate, histogramCounts, histogramEdges } from "./histogram.ts";

/** Values that are looked at for the summary; of larger tables it is of the first rows. */
const examinedValues = 30_000_000;
const bins = 16;
/** Columns with more different values than this among their first rows have no bars. */
const mostValues = 5000;
const firstRows = 20_000;

/** A column at a glance. */
export interface ColumnSummary {
  readonly missing: number;
  /** Numbers and dates: counts in bins of equal width. Others: counts of the most frequent values. */
  readonly bars: readonly number[];
  readonly isOrdered: boolean;
  /** The range, of numbers and dates (milliseconds since 1970). */
  readonly range: readonly [low: number, high: number] | undefined;
  /** Different values, where they were counted. */
  readonly distinct: number | undefined;
  /** The most frequent value, where they were counted. */
  readonly mostFrequent: string | undefined;
}

/** A table at a glance; one summary for each of the columns asked for. */
export interface TableSummary {
  readonly rows: number;
  /** The rows that the summary is of; fewer than `rows` in very large tables, and then the first ones. */
  readonly examinedRows: number;
  readonly columns: readonly ColumnSummary[];
}

/**
 * Summarises the first columns of a table, by one query for counts and ranges, one for histograms, one for frequent values,
 * and a glance at the first rows.
 * @throws {@link QueryError} where DuckDB cannot run the table's query
 */
export async function summarizeTable(
  { database, sql, columns: described }: TableSource,
  mostColumns: number,
): Promise<TableSummary> {
  const columns = examinedColumns(described.slice(0, mostColumns));
  const selected = columns.map(({ name, id }) => `${identifier(name)} AS ${id}`).join(", ");
  const { rows: counted } = await database.query(`SELECT count(*) AS n FROM (${sql}\n)`);
  const rows = numberOf(counted[0]?.["n"]);
  const examinedRows = Math.min(rows, Math.floor(examinedValues / columns.length));
  const from = `(SELECT ${selected} FROM (${sql}\n)${examinedRows < rows ? ` LIMIT ${examinedRows}` : ""})`;
  const counts = new AggregateQuery();
  const presents = columns.map((column) => counts.add(`count(${column.value})`));
  const readExtremes = columns.map((column) =>
    ["min", "max"].map((end) => counts.add(plainExtreme(column, end))),
  );
  const first = await counts.run(database, from);
  const extremes = readExtremes.map((reads) => reads.map((read) => optionalNumber(read(first))));
  await replaceInfinite(database, from, columns, extremes);
  const fewOf = await fewValues(database, from, columns);
  const histograms = new AggregateQuery();
  const known = columns.map((column, at) => {
    const [low = null, high = null] = extremes[at] ?? [];
    const range = low === null || high === null ? undefined : ([low, high] as const);
    const edges = range === undefined ? [] : histogramEdges(...range, column.isInteger, bins);
    return {
      column,
      range,
      present: numberOf(presents[at]?.(first)),
      isFew: fewOf.has(column.id),
      edges,
      bars: edges.length === 0 ? undefined : histograms.add(histogramAggregate(column.number, edges)),
    };
  });
  const second = await histograms.run(database, from);
  const few = known.filter(({ isFew }) => isFew).map(({ column }) => column);
  const frequent = await countValues(database, from, few);
  return {
    rows,
    examinedRows,
    columns: known.map(({ column, present, range, edges, bars }) => {
      const values = frequent.get(column.id);
      return {
        missing: examinedRows - present,
        bars:
          bars === undefined
            ? (values?.top ?? []).map(({ count }) => count)
            : histogramCounts(bars(second), edges),
        isOrdered: range !== undefined,
        range,
        distinct: values?.distinct,
        mostFrequent: values?.top[0] === undefined ? undefined : String(values.top[0].value),
      };
    }),
  };
}

/** The least or greatest value as a number, of which DuckDB need not convert all; null where it is infinite. */
function plainExtreme(column: ExaminedColumn, end: string): string {
  const { id, kind, value, number } = column;
  if (kind === "date")
    return `CASE WHEN isfinite(${end}(${id})) THEN epoch_ms(${end}(${id})::TIMESTAMP)::DOUBLE END`;
  if (kind !== "number") return "NULL";
  return value === id ? `${end}(${id})::DOUBLE` : `${end}(${number})`;
}

/** Of dates whose least or greatest is infinite, asks for the finite ones. */
async function replaceInfinite(
  database: Database,
  from: string,
  columns: readonly ExaminedColumn[],
  extremes: (number | null)[][],
): Promise<void> {
  const query = new AggregateQuery();
  const readers = columns.flatMap((column, at) =>
    column.kind === "date" && extremes[at]?.includes(null) === true
      ? [{ at, reads: ["min", "max"].map((end) => query.add(`${end}(${column.number})`)) }]
      : [],
  );
  if (readers.length === 0) return;
  const row = await query.run(database, from);
  for (const { at, reads } of readers) extremes[at] = reads.map((read) => optionalNumber(read(row)));
}

/** The columns without an order of which the first rows have few different values. */
async function fewValues(
  database: Database,
  from: string,
  columns: readonly ExaminedColumn[],
): Promise<Set<string>> {
  const query = new AggregateQuery();
  const readers = columns
    .filter((column) => !hasOrder(column))
    .map(({ id, value }) => ({ id, distinct: query.add(`count(DISTINCT ${value})`) }));
  const row = await query.run(database, `(FROM ${from} LIMIT ${firstRows})`);
  return new Set(readers.filter(({ distinct }) => numberOf(distinct(row)) <= mostValues).map(({ id }) => id));
}

function hasOrder({ kind }: ExaminedColumn): boolean {
  return kind === "number" || kind === "date";
}

/** @file A first look at a table: how many rows, what is missing, and the shape of each column, in a moment. */
import type { TableSource } from "../table-source.ts";
import { identifier } from "../relation-sql.ts";
import { AggregateQuery, numberOf, optionalNumber } from "./aggregate-query.ts";
import { examinedColumns, type ExaminedColumn } from "./examined-column.ts";
import { countValues } from "./frequencies.ts";
import { histogramAggregate, histogramCounts, histogramEdges } from "./histogram.ts";

/** Values that are looked at for the summary; of larger tables it is of the first rows. */
const examinedValues = 30_000_000;
const bins = 16;
/** Columns with more different values than this have no bars. */
const mostValues = 5000;

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
 * Summarises the first columns of a table: one query for counts and ranges, one for the bars, one for frequent values.
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
  const ranges = new AggregateQuery();
  const readRange = columns.map((column) => ({
    column,
    present: ranges.add(`count(${column.value})`),
    low: hasOrder(column) ? ranges.add(`min(${column.number})`) : undefined,
    high: hasOrder(column) ? ranges.add(`max(${column.number})`) : undefined,
    distinct: hasOrder(column) ? undefined : ranges.add(`approx_count_distinct(${column.value})`),
  }));
  const first = await ranges.run(database, from);
  const histograms = new AggregateQuery();
  const known = readRange.map(({ column, present, low, high, distinct }) => {
    const [from, to] = [optionalNumber(low?.(first)), optionalNumber(high?.(first))];
    const range = from === null || to === null ? undefined : ([from, to] as const);
    const edges = range === undefined ? [] : histogramEdges(...range, column.isInteger, bins);
    return {
      column,
      range,
      present: numberOf(present(first)),
      isFew: distinct !== undefined && numberOf(distinct(first)) <= mostValues,
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

function hasOrder({ kind }: ExaminedColumn): boolean {
  return kind === "number" || kind === "date";
}

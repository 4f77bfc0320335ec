/** @file `profile`: what a table holds, computed by DuckDB in a few passes over its rows. */
import type { TableSource } from "../table-source.ts";
import { correlatedNumbers, isPearsonWhole, measureAssociations } from "./associations.ts";
import { measureMoments, measureRanges, type ColumnMoments } from "./column-measures.ts";
import type { ColumnRange } from "./column-range.ts";
import { isoDate } from "./dates.ts";
import { countValues, type Frequencies } from "./frequencies.ts";
import { countDuplicateRows, missingPatterns } from "./missing-values.ts";
import type { ProfileKind, ColumnProfile, ProfileValue, TextStatistics, TopValues } from "./profile-data.ts";
import { TableProfile } from "./table-profile.ts";
import { examineText } from "./text-statistics.ts";
import { findWarnings } from "./warnings.ts";
import { withWorkingTable, type WorkingTable } from "./working-table.ts";

/** How a table is examined. */
export interface ProfileOptions {
  /**
   * Up to so many rows everything is exact; 100,000 where absent. Of more, a sample of so many rows stands for all where all
   * would be slow (ranks, associations of categories, the top values of columns with very many), and quantiles and large
   * distinct counts are estimates. The profile says which.
   */
  readonly exactRows?: number;
  /** Told what is being computed, and how much of the whole is done, from 0 to 1. */
  readonly onProgress?: (step: string, done: number) => void;
}

/** Columns with fewer different values than this are counted exactly, whatever the number of rows. */
const countedExactly = 20_000;
const mostCategoryLevels = 200;

/**
 * Examines a table: for each column statistics, distribution, top and distinct values; for all of them associations, what
 * is missing together, duplicate rows; and warnings. The profile shows itself in a notebook and as a page.
 * @throws {@link QueryError} where DuckDB cannot run the table's query
 * @example
 * const seen = await profile(flights);
 * await seen.save("flights.html");
 */
export async function profile(source: TableSource, options: ProfileOptions = {}): Promise<TableProfile> {
  const { exactRows = 100_000, onProgress } = options;
  onProgress?.("reading the rows", 0);
  return await withWorkingTable(source, exactRows, async (table) => await examine(table, onProgress));
}

async function examine(table: WorkingTable, onProgress: ProfileOptions["onProgress"]): Promise<TableProfile> {
  onProgress?.("ranges and quantiles", 0.25);
  const ranges = await measureRanges(table);
  onProgress?.("the most frequent values", 0.45);
  const isCounted = ({ roughlyDistinct }: ColumnRange): boolean =>
    !table.isSampled || roughlyDistinct <= countedExactly;
  const counted = await countValues(
    table.database,
    table.all,
    ranges.filter(isCounted).map(({ column }) => column),
  );
  const many = ranges.filter((range) => !isCounted(range)).map(({ column }) => column);
  const sampled = await countValues(table.database, table.sample, many, 2);
  onProgress?.("distributions and correlations", 0.6);
  const numbers = correlatedNumbers(ranges);
  const correlated = isPearsonWhole(numbers.length) ? numbers : [];
  const measured = await measureMoments(table, ranges, new Set(many.map(({ id }) => id)), correlated);
  onProgress?.("text", 0.7);
  const texts = await examineText(table);
  const columns = ranges.map((range, index) =>
    columnProfile(table, range, {
      moments: measured.columns[index],
      counted: counted.get(range.column.id),
      sampled: sampled.get(range.column.id),
      text: texts.get(range.column.id),
    }),
  );
  onProgress?.("missing values and duplicates", 0.8);
  const missing = await missingPatterns(table, ranges);
  const duplicateRows = await countDuplicateRows(table);
  onProgress?.("associations", 0.9);
  const categories = ranges.flatMap((range, index) => {
    const column = columns[index];
    const isCategory = column?.kind === "category" || column?.kind === "boolean";
    return isCategory ? [{ range, distinct: column.distinct.count }] : [];
  });
  const associations = await measureAssociations(table, numbers, categories, measured.pearson);
  const found = {
    rows: table.rows,
    duplicateRows,
    columns,
    associations,
    missing,
    ...(table.isSampled ? { sampledRows: table.sampledRows } : {}),
  };
  onProgress?.("done", 1);
  return new TableProfile({ format: "tenon.profile", version: 1, ...found, warnings: findWarnings(found) });
}

interface ColumnParts {
  readonly moments: ColumnMoments | undefined;
  readonly counted: Frequencies | undefined;
  readonly sampled: Frequencies | undefined;
  readonly text: TextStatistics | undefined;
}

function columnProfile(table: WorkingTable, range: ColumnRange, parts: ColumnParts): ColumnProfile {
  const { moments, counted, sampled, text } = parts;
  const { column, present } = range;
  const distinct = counted?.distinct ?? moments?.distinct ?? 0;
  const kind: ProfileKind =
    column.kind === "text" && distinct <= mostCategoryLevels && distinct <= present / 2
      ? "category"
      : column.kind;
  const histogram = moments?.histogram;
  return {
    name: column.name,
    type: column.type,
    kind,
    missing: table.rows - present,
    distinct: { count: distinct, approximate: counted === undefined },
    top: counted === undefined ? scaledUp(sampled, table) : { values: counted.top, approximate: false },
    ...(moments?.statistics === undefined
      ? {}
      : { number: { min: extreme(range, "low"), max: extreme(range, "high"), ...moments.statistics } }),
    ...(column.kind !== "date" || histogram === undefined
      ? {}
      : { date: { min: isoDate(range.low, column.type), max: isoDate(range.high, column.type), histogram } }),
    ...(text === undefined ? {} : { text }),
  };
}

/** Values that a sample has more than once, with the counts that all rows likely have. */
function scaledUp(sampled: Frequencies | undefined, { rows, sampledRows }: WorkingTable): TopValues {
  const values = (sampled?.top ?? []).map(({ value, count }) => ({
    value,
    count: Math.round((count * rows) / sampledRows),
  }));
  return { values, approximate: true };
}

function extreme(range: ColumnRange, end: "low" | "high"): ProfileValue {
  return range.exact?.[end] ?? range[end];
}

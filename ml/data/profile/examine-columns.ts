/** @file What the columns of a table hold, one by one: the part of a profile that comparisons of tables use too. */
import { measureMoments, measureRanges, type ColumnMoments } from "./column-measures.ts";
import type { ColumnRange } from "./column-range.ts";
import { isoDate } from "./dates.ts";
import { countValues, type Frequencies } from "./frequencies.ts";
import type {
  AssociationMatrix,
  ColumnProfile,
  ProfileKind,
  ProfileValue,
  TextStatistics,
  TopValues,
} from "./profile-data.ts";
import { examineText } from "./text-statistics.ts";
import type { WorkingTable } from "./working-table.ts";

/** Columns of which the sample has at most so many different values a row are counted exactly over all rows. */
const countedExactly = 0.2;
const mostCategoryLevels = 200;

/** Told what is being computed, and how much of the whole is done, from 0 to 1. */
export type ProgressListener = (step: string, done: number) => void;

/** What {@link examineColumns} found. */
export interface ExaminedTable {
  readonly columns: readonly ColumnProfile[];
  readonly ranges: readonly ColumnRange[];
  readonly pearson: AssociationMatrix | undefined;
}

/**
 * Examines each column of a table. Of the numbers that `correlated` picks out, Pearson's correlations are computed along
 * with the rest. Progress is told from 0 to 1.
 */
export async function examineColumns(
  table: WorkingTable,
  correlated: (ranges: readonly ColumnRange[]) => readonly ColumnRange[],
  onProgress?: ProgressListener,
): Promise<ExaminedTable> {
  onProgress?.("ranges and quantiles", 0);
  const ranges = await measureRanges(table);
  onProgress?.("the most frequent values", 0.35);
  const all = ranges.map(({ column }) => column);
  const sampled = await countValues(table.database, table.sample, all);
  const few = all.filter(({ id }) => (sampled.get(id)?.distinct ?? 0) <= countedExactly * table.sampledRows);
  const counted = table.isSampled ? await countValues(table.database, table.all, few) : sampled;
  const many = all.filter(({ id }) => !counted.has(id)).map(({ id }) => id);
  onProgress?.("distributions and correlations", 0.55);
  const rough = new Map(many.map((id) => [id, roughlyDistinct(sampled.get(id), table)] as const));
  const measured = await measureMoments(table, ranges, rough, correlated(ranges));
  onProgress?.("text", 0.9);
  const texts = await examineText(table);
  const columns = ranges.map((range, index) =>
    columnProfile(table, range, {
      moments: measured.columns[index],
      counted: counted.get(range.column.id),
      sampled: sampled.get(range.column.id),
      text: texts.get(range.column.id),
    }),
  );
  return { columns, ranges, pearson: measured.pearson };
}

/**
 * How many different values all rows may have, by those in the sample: the guaranteed-error estimator (Charikar and others,
 * 2000), at most off by the square root of the sampling ratio.
 */
function roughlyDistinct(sampled: Frequencies | undefined, { rows, sampledRows }: WorkingTable): number {
  const { distinct = 1, once = 0 } = sampled ?? {};
  return distinct - once + once * Math.sqrt(rows / Math.max(1, sampledRows));
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

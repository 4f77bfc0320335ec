/** @file One of two tables that are compared, examined. */
import type { ColumnProfile } from "../profile/profile-data.ts";
import type { ColumnRange } from "../profile/column-range.ts";
import type { WorkingTable } from "../profile/working-table.ts";
import type { ColumnSide } from "./comparison-data.ts";

/** A column of one of the tables. */
export interface SideColumn {
  readonly range: ColumnRange;
  readonly profile: ColumnProfile;
}

/** A table and what its columns hold. */
export interface ComparedSide {
  readonly table: WorkingTable;
  readonly columns: ReadonlyMap<string, SideColumn>;
}

/** A column that both tables have. */
export interface ColumnPair {
  readonly name: string;
  readonly a: SideColumn;
  readonly b: SideColumn;
}

/** What is compared of a column. */
export function columnSide({ profile }: SideColumn, rows: number): ColumnSide {
  const { number, date } = profile;
  return {
    type: profile.type,
    rows,
    missing: profile.missing,
    distinct: profile.distinct,
    mean: number?.mean ?? null,
    standardDeviation: number?.standardDeviation ?? null,
    median: number?.quantiles.find(({ q }) => q === 0.5)?.value ?? null,
    min: number?.min ?? date?.min ?? null,
    max: number?.max ?? date?.max ?? null,
  };
}

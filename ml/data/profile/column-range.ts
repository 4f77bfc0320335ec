/** @file What is known of a column before its distribution: how many values, from where to where. */
import type { ExaminedColumn } from "./examined-column.ts";
import type { Quantile } from "./profile-data.ts";

/** What the first query says of a column. */
export interface ColumnRange {
  /** The column; where it has neither NaN nor infinite values, its expressions do not look for them. */
  readonly column: ExaminedColumn;
  /** Values that are there and not NaN. */
  readonly present: number;
  /** Of numbers and dates: the finite values. */
  readonly finite: number;
  readonly nan: number;
  readonly infinite: number;
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  readonly zeros: number;
  readonly negatives: number;
  readonly quantiles: readonly Quantile[];
  /** The extremes as they are, of integers that a number does not hold exactly. */
  readonly exact: { readonly low: string; readonly high: string } | undefined;
}

/** Whether numbers differ, by no more than a number holds. */
export function hasSpread({ low, high }: ColumnRange): boolean {
  return high > low && Number.isFinite(high - low);
}

/** A number, moved to the column's mean, in units of its range; of dates the mean is their lowest. */
export function scaledNumber(range: ColumnRange): string {
  const { column, finite, low, high, mean } = range;
  if (finite === 0 || !hasSpread(range)) return "NULL::DOUBLE";
  return `((${column.number}) - ${literal(column.kind === "date" ? low : mean)}) / ${literal(high - low)}`;
}

/** A number as SQL. */
export function literal(number: number): string {
  return `${number}::DOUBLE`;
}

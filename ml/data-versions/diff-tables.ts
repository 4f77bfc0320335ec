/** @file What is different between two states of a table, as far as their summaries tell. */
import type { SnapshotColumn, SnapshotTable } from "./manifest.ts";

/** A column that has another type. */
export interface RetypedColumn {
  readonly name: string;
  /** DuckDB's names of the types. */
  readonly before: string;
  readonly after: string;
}

/** A figure of a column that is another; undefined where it isn't known of one side. */
export interface ChangedStatistic {
  readonly column: string;
  readonly statistic: Statistic;
  readonly before: number | string | undefined;
  readonly after: number | string | undefined;
}

/** A figure of a column. */
export type Statistic = Exclude<keyof SnapshotColumn, "name" | "type" | "nativeType">;

/** How a table differs from an earlier state of it. */
export interface TableDifference {
  readonly path: string;
  readonly rows: { readonly before: number; readonly after: number };
  /** Whether the rows are the same ones, in whatever order and format. */
  readonly hasSameRows: boolean;
  readonly added: readonly SnapshotColumn[];
  readonly removed: readonly SnapshotColumn[];
  readonly retyped: readonly RetypedColumn[];
  /** Whether the columns that both have come in another order. */
  readonly isReordered: boolean;
  /** Of columns that both have. */
  readonly statistics: readonly ChangedStatistic[];
}

const statistics: readonly Statistic[] = [
  "nulls",
  "distinct",
  "min",
  "max",
  "mean",
  "standardDeviation",
  "minLength",
  "maxLength",
];

/** Sums over rows depend on their order by some digits; what differs by less is the same. */
const tolerance = 1e-9;

/** Compares what is known of a table before and after. */
export function diffTables(before: SnapshotTable, after: SnapshotTable, path: string): TableDifference {
  const old = new Map(before.columns.map((column) => [column.name, column]));
  const now = new Map(after.columns.map((column) => [column.name, column]));
  const common = before.columns.flatMap((column) => {
    const other = now.get(column.name);
    return other ? [[column, other] as const] : [];
  });
  const orderBefore = common.map(([{ name }]) => name);
  const orderAfter = after.columns.filter(({ name }) => old.has(name)).map(({ name }) => name);
  return {
    path,
    rows: { before: before.rows, after: after.rows },
    hasSameRows: before.contentHash === after.contentHash,
    added: after.columns.filter(({ name }) => !old.has(name)),
    removed: before.columns.filter(({ name }) => !now.has(name)),
    retyped: common
      .filter(([x, y]) => x.nativeType !== y.nativeType)
      .map(([x, y]) => ({ name: x.name, before: x.nativeType, after: y.nativeType })),
    isReordered: orderBefore.some((name, at) => orderAfter[at] !== name),
    statistics: common.flatMap(([x, y]) =>
      statistics
        .filter((statistic) => !isSame(x[statistic], y[statistic]))
        .map((statistic) => ({
          column: x.name,
          statistic,
          before: x[statistic],
          after: y[statistic],
        })),
    ),
  };
}

function isSame(a: number | string | undefined, b: number | string | undefined): boolean {
  if (typeof a !== "number" || typeof b !== "number") return a === b;
  return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
}

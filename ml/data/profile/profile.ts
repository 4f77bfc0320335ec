/** @file `profile`: what a table holds, computed by DuckDB in a few passes over its rows. */
import type { TableSource } from "../table-source.ts";
import { correlatedNumbers, isPearsonWhole, measureAssociations } from "./associations.ts";
import { examineColumns, type ProgressListener } from "./examine-columns.ts";
import { countDuplicateRows, missingPatterns } from "./missing-values.ts";
import { TableProfile } from "./table-profile.ts";
import { findWarnings } from "./warnings.ts";
import { withWorkingTable, type WorkingTable } from "./working-table.ts";

/** How a table is examined. */
export interface ProfileOptions {
  /**
   * Up to so many rows everything is exact; 100,000 where absent. Of more, a sample of some 50,000 rows stands for all where
   * all would be slow (quantiles, ranks, associations of categories, the top values of columns with very many), and large
   * distinct counts are estimates. The profile says which.
   */
  readonly exactRows?: number;
  /** Told what is being computed, and how much of the whole is done, from 0 to 1. */
  readonly onProgress?: ProgressListener;
}

/** The rows of which everything is exact where nothing else is said. */
export const defaultExactRows = 100_000;

/**
 * Examines a table: for each column statistics, distribution, top and distinct values; for all of them associations, what
 * is missing together, duplicate rows; and warnings. The profile shows itself in a notebook and as a page.
 * @throws {@link QueryError} where DuckDB cannot run the table's query
 * @example
 * const seen = await profile(flights);
 * await seen.save("flights.html");
 */
export async function profile(source: TableSource, options: ProfileOptions = {}): Promise<TableProfile> {
  const { exactRows = defaultExactRows, onProgress } = options;
  onProgress?.("reading the rows", 0);
  return await withWorkingTable(source, exactRows, async (table) => await examine(table, onProgress));
}

async function examine(table: WorkingTable, onProgress: ProgressListener | undefined): Promise<TableProfile> {
  const { columns, ranges, pearson } = await examineColumns(
    table,
    (all) => (isPearsonWhole(correlatedNumbers(all).length) ? correlatedNumbers(all) : []),
    (step, done) => onProgress?.(step, 0.25 + 0.5 * done),
  );
  onProgress?.("missing values and duplicates", 0.75);
  const missing = await missingPatterns(table, ranges);
  const duplicateRows = await countDuplicateRows(table);
  onProgress?.("associations", 0.85);
  const categories = ranges.flatMap((range, index) => {
    const column = columns[index];
    const isCategory = column?.kind === "category" || column?.kind === "boolean";
    return isCategory ? [{ range, distinct: column.distinct.count }] : [];
  });
  const associations = await measureAssociations(table, correlatedNumbers(ranges), categories, pearson);
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

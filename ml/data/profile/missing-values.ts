/** @file Which values are missing together, and which rows are there twice. */
import { numberOf } from "./aggregate-query.ts";
import type { ColumnRange } from "./column-range.ts";
import type { Missingness } from "./profile-data.ts";
import type { WorkingTable } from "./working-table.ts";

const shownPatterns = 20;
/** Columns whose missing marks make one integer. */
const bitsPerKey = 50;

/** Counts rows by which of their values are missing, in one pass over the columns that lack some. */
export async function missingPatterns(
  table: WorkingTable,
  ranges: readonly ColumnRange[],
): Promise<Missingness> {
  const lacking = ranges.filter(({ present }) => present < table.rows);
  const cells = lacking.reduce((sum, { present }) => sum + table.rows - present, 0);
  if (lacking.length === 0) {
    const patterns = table.rows === 0 ? [] : [{ columns: [], rows: table.rows }];
    return { cells, completeRows: table.rows, patterns, patternCount: patterns.length };
  }
  const groups = Array.from({ length: Math.ceil(lacking.length / bitsPerKey) }, (_, at) =>
    lacking.slice(at * bitsPerKey, (at + 1) * bitsPerKey),
  );
  const keys = groups.map((group, at) => {
    const bits = group.map(({ column }, bit) => `((${column.value}) IS NULL)::BIGINT << ${bit}`);
    return `(${bits.join(") | (")}) AS k${at}`;
  });
  const names = keys.map((_, at) => `k${at}`).join(", ");
  const whole = keys.map((_, at) => `k${at} = 0`).join(" AND ");
  const { rows } = await table.database.query(
    `SELECT *, count(*) OVER () AS patterns, sum(CASE WHEN ${whole} THEN n ELSE 0 END) OVER () AS complete
     FROM (SELECT ${names}, count(*) AS n FROM (SELECT ${keys.join(", ")} FROM ${table.all}) GROUP BY ALL)
     ORDER BY n DESC, ${names} LIMIT ${shownPatterns}`,
  );
  const patterns = rows.map((row) => ({
    columns: groups.flatMap((group, at) =>
      group
        .filter((_, bit) => Math.floor(numberOf(row[`k${at}`]) / 2 ** bit) % 2 === 1)
        .map(({ column }) => column.name),
    ),
    rows: numberOf(row["n"]),
  }));
  return {
    cells,
    completeRows: numberOf(rows[0]?.["complete"]),
    patterns,
    patternCount: numberOf(rows[0]?.["patterns"]),
  };
}

/** How many rows repeat an earlier one, nulls being equal: rows less distinct rows, told apart by 64-bit hashes. */
export async function countDuplicateRows(table: WorkingTable): Promise<number> {
  const { rows } = await table.database.query(
    `SELECT count(DISTINCT h) AS n FROM (SELECT hash(${table.columns.map(({ id }) => id).join(", ")}) AS h FROM ${table.all})`,
  );
  return table.rows - numberOf(rows[0]?.["n"]);
}

/** @file Means and products of columns of a fit's query. */
import { InvalidInputError } from "../errors.ts";
import { readColumnArrays } from "./column-matrix.ts";
import { momentsOfColumns, type Moments } from "./decomposition/moments.ts";
import { toNumber } from "./fit-queries.ts";
import { sqlNumber } from "./sql.ts";
import type { FitQueries, SqlColumn } from "./step.ts";

/** Up to here a query gathers the products of columns faster than they are read. */
const mostSqlColumns = 32;
/** Rows whose means are near enough to those of all. */
const sampledRows = 1000;

/**
 * The moments of columns, by one pass over the rows.
 * @throws {@link InvalidInputError} where a column has missing numbers
 */
export async function columnMoments(
  kind: string,
  columns: readonly SqlColumn[],
  queries: FitQueries,
): Promise<Moments> {
  if (columns.length <= mostSqlColumns) return await momentsByQuery(kind, columns, queries);
  const { arrays } = await readColumnArrays(columns, queries);
  const moments = momentsOfColumns(arrays);
  const missing = moments.means.findIndex((mean) => Number.isNaN(mean));
  if (missing >= 0) throw missingValues(kind, columns[missing]);
  return moments;
}

/** Sums of deviations, and of their products, from the means of some rows: near zero, they lose no digits. */
async function momentsByQuery(
  kind: string,
  columns: readonly SqlColumn[],
  queries: FitQueries,
): Promise<Moments> {
  const width = columns.length;
  const sampled = columns.map((_, at) => `coalesce(avg(s${at}), 0) AS s${at}`).join(", ");
  const values = columns.map(({ sql }, at) => `${sql}::DOUBLE AS s${at}`).join(", ");
  const [sample] = await queries.rows(
    (from) => `SELECT ${sampled} FROM (SELECT ${values} FROM ${from} LIMIT ${sampledRows})`,
  );
  const shifts = columns.map((_, at) => toNumber(sample?.[`s${at}`]));
  const pairs = columns.flatMap((_, i) => Array.from({ length: i + 1 }, (_, j) => [i, j] as const));
  const list = [
    "count(*)",
    ...columns.map((_, at) => `count(d${at})`),
    ...columns.map((_, at) => `sum(d${at})`),
    ...pairs.map(([i, j]) => `sum(d${i} * d${j})`),
  ].map((sum, at) => `${sum} AS s${at}`);
  const deviations = columns.map(({ sql }, at) => `(${sql} - ${sqlNumber(shifts[at] ?? 0)}) AS d${at}`);
  const [row] = await queries.rows(
    // A stage of their own, so that each is computed once.
    (from) => `SELECT ${list.join(", ")} FROM (SELECT ${deviations.join(", ")} FROM ${from})`,
  );
  const [rows = 0, ...found] = list.map((_, at) => toNumber(row?.[`s${at}`]));
  const missing = columns.findIndex((_, at) => (found[at] ?? 0) < rows);
  if (missing >= 0) throw missingValues(kind, columns[missing]);
  const sums = found.slice(width, 2 * width);
  const products = new Float64Array(width * width);
  for (const [at, [i, j]] of pairs.entries()) {
    const product = (found[2 * width + at] ?? 0) - ((sums[i] ?? 0) * (sums[j] ?? 0)) / rows;
    products[i * width + j] = product;
    products[j * width + i] = product;
  }
  return { rows, means: Float64Array.from(shifts, (shift, at) => shift + (sums[at] ?? 0) / rows), products };
}

function missingValues(kind: string, column: SqlColumn | undefined): InvalidInputError {
  return new InvalidInputError(
    `${kind}: column "${column?.name}" has missing values; let an imputer stand before it`,
  );
}

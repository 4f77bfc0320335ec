/** @file The columns of a fit's query as a matrix, for steps that a query can't fit. */
import { InvalidInputError } from "../errors.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import { toNumber } from "./fit-queries.ts";
import type { ClassTarget } from "../target.ts";
import type { FitQueries, ReadAs, SqlColumn } from "./step.ts";

/** Reads the columns (float64; NaN is missing), and the target beside them. */
export async function readMatrix(
  columns: readonly SqlColumn[],
  queries: FitQueries,
): Promise<{ readonly matrix: DenseMatrix; readonly target: ClassTarget | undefined }> {
  const read = await readColumnArrays(columns, queries);
  const width = columns.length;
  const rows = read.arrays[0]?.length ?? 0;
  const data = new Float64Array(rows * width);
  for (const [column, values] of read.arrays.entries()) {
    for (let row = 0, at = column; row < rows; row++, at += width) data[at] = values[row] ?? 0;
  }
  return { matrix: { data, rows, columns: columns.map(({ name }) => name) }, target: read.target };
}

/** Reads the columns as they are, each in an array of its own. */
export async function readColumnArrays(
  columns: readonly SqlColumn[],
  queries: FitQueries,
): Promise<{ readonly arrays: readonly Float64Array[]; readonly target: ClassTarget | undefined }> {
  const names = columns.map((_, at) => `m${at}`);
  const schema: ReadAs = Object.fromEntries(names.map((name) => [name, "number"]));
  const { target, isTargetText } = queries;
  const list = columns.map(({ sql }, at) => `${sql} AS ${names[at]}`);
  const read = await queries.columns<ReadAs>(
    (from) =>
      `SELECT ${[...list, ...(target === undefined ? [] : [`${target} AS y`])].join(", ")} FROM ${from}`,
    target === undefined ? schema : { ...schema, y: isTargetText ? "text" : "number" },
  );
  const arrays = names.flatMap((name) => {
    const values = read[name];
    return values instanceof Float64Array ? [values] : [];
  });
  return { arrays, target: read["y"] };
}

/**
 * The number of rows, for aggregates that leave missing numbers out.
 * @throws {@link InvalidInputError} where a column has missing numbers
 */
export async function rowsWithoutMissing(
  kind: string,
  columns: readonly SqlColumn[],
  queries: FitQueries,
): Promise<number> {
  const [rows, ...counts] = await queries.aggregate([
    "count(*)",
    ...columns.map(({ sql }) => `count(${sql})`),
  ]);
  for (const [at, { name }] of columns.entries()) {
    if (toNumber(counts[at]) < toNumber(rows))
      throw new InvalidInputError(
        `${kind}: column "${name}" has missing values; let an imputer stand before it`,
      );
  }
  return toNumber(rows);
}

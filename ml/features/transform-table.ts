/** @file Fitted routes applied to a table: one query, and the tensor programs of what no query computes. */
import type { ColumnSchema } from "../data/columns.ts";
import type { TableSource } from "../data/table-source.ts";
import { fillParts, readingOf, type FeatureMatrix } from "./feature-matrix.ts";
import type { FittedRoute } from "./fitted-route.ts";
import type { InputColumn } from "./input-columns.ts";
import { readableErrors } from "./readable-errors.ts";
import { fillTensorPart } from "./tensor-part.ts";
import { transformQuery } from "./transform-query.ts";

/**
 * The features of a table's rows, in their order.
 * @param names the names of all features
 * @param folds how many folds the rows were fitted in, where each is encoded by the others
 * @throws {@link InvalidInputError} for a column that is missing or holds what the steps refuse
 */
export async function matrixOf(
  table: TableSource,
  inputs: readonly InputColumn[],
  routes: readonly FittedRoute[],
  names: readonly string[],
  folds?: number,
): Promise<FeatureMatrix> {
  const { sql, parts, tensorParts } = transformQuery(table, inputs, routes, folds);
  const schema: ColumnSchema = Object.fromEntries([
    ...parts.map(([name, { output }]) => [name, readingOf(output)] as const),
    ...tensorParts.flatMap(({ inputs }) =>
      inputs.map(({ name, dtype }) => [name, dtype === "string" ? dtype : "float64"] as const),
    ),
  ]);
  const columns = await readableErrors(async () => await table.database.columns(sql, schema));
  const rows = Object.values(columns)[0]?.length ?? 0;
  const width = names.length;
  const data = new Float32Array(rows * width);
  fillParts(data, width, parts, columns);
  for (const part of tensorParts) await fillTensorPart(data, width, part, columns);
  return { data, rows, columns: names };
}

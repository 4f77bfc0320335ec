/** @file Fitted routes applied to a table: one query, and the tensor programs of what no query computes. */
import type { ColumnSchema } from "../data/columns.ts";
import type { TableSource } from "../data/table-source.ts";
import { targetColumn } from "./fit-routes.ts";
import { fillParts, readingOf, type FeatureMatrix } from "./feature-matrix.ts";
import type { FittedRoute } from "./fitted-route.ts";
import type { InputColumn } from "./input-columns.ts";
import type { ClassTarget } from "./selection/target.ts";
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
  return (await matrixAndTarget(table, inputs, routes, names, folds)).matrix;
}

/** {@link matrixOf} and the target, where one is named, in the same order of rows. */
export async function matrixAndTarget(
  table: TableSource,
  inputs: readonly InputColumn[],
  routes: readonly FittedRoute[],
  names: readonly string[],
  folds?: number,
  target?: string,
): Promise<{ readonly matrix: FeatureMatrix; readonly target: ClassTarget | undefined }> {
  const y = target === undefined ? undefined : targetColumn(table, target);
  const { sql, parts, tensorParts } = transformQuery(table, inputs, routes, folds, y ? [["y", y.sql]] : []);
  const schema: ColumnSchema = Object.fromEntries([
    ...(y ? [["y", y.isText ? "string" : "float64"] as const] : []),
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
  return { matrix: { data, rows, columns: names }, target: columns["y"] };
}

/** @file Fitted routes applied to a table: one query, and the tensor programs of what no query computes. */
import { identifier } from "../data/relation-sql.ts";
import { Table } from "../data/table.ts";
import type { TableSource } from "../data/table-source.ts";
import type { AnyColumnArray } from "../data/table-types.ts";
import { InvalidInputError } from "../errors.ts";
import { numberColumn, targetColumn } from "./fit-routes.ts";
import { fillParts, type FeatureMatrix, type ReadColumns } from "./feature-matrix.ts";
import type { FittedRoute } from "./fitted-route.ts";
import { findInput, type InputColumn } from "./input-columns.ts";
import type { ClassTarget } from "../target.ts";
import { readableErrors } from "./readable-errors.ts";
import { stage, type Named } from "./staged-rows.ts";
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

/** Features and what was read beside them. */
interface MatrixWithBeside {
  readonly matrix: FeatureMatrix;
  readonly target: ClassTarget | undefined;
  readonly weights: Float64Array | undefined;
}

/** Columns that are read beside the features. */
export interface ColumnsBeside {
  readonly target?: string | undefined;
  readonly weights?: string | undefined;
}

/** {@link matrixOf} with the target and the weights, where they are named, in the same order of rows. */
export async function matrixAndTarget(
  table: TableSource,
  inputs: readonly InputColumn[],
  routes: readonly FittedRoute[],
  names: readonly string[],
  folds?: number,
  { target, weights }: ColumnsBeside = {},
): Promise<MatrixWithBeside> {
  const y = target === undefined ? undefined : targetColumn(table, target);
  const w = weights === undefined ? undefined : numberColumn(table, weights, "the weights");
  const carried = [
    ...(y ? [{ name: "y", sql: y.sql, type: y.isText ? "VARCHAR" : "DOUBLE" }] : []),
    ...(w === undefined ? [] : [{ name: "w", sql: w, type: "DOUBLE" }]),
  ];
  const { query, fill } = prepare(table, inputs, routes, names, carried, folds);
  const columns = await readableErrors(async () => await query.arrays());
  const [anyColumn] = Object.values<ArrayLike<unknown>>(columns);
  return {
    matrix: await fill(columns, anyColumn?.length ?? 0),
    weights: columns["w"] instanceof Float64Array ? columns["w"] : undefined,
    target: columns["y"] instanceof Float64Array ? columns["y"] : textsOf(columns["y"]),
  };
}

/** Some rows of a table: their features, and other columns of the same rows. */
export interface FeatureBatch {
  readonly matrix: FeatureMatrix;
  /** The columns that were asked for beside the features, by name. */
  readonly arrays: Readonly<Record<string, AnyColumnArray>>;
}

/**
 * {@link matrixOf}, some rows at a time, with other columns beside the features: one query gives both.
 * @param rows how many rows a batch has at least, but for the last
 * @param others the names of the other columns
 * @throws as {@link matrixOf}
 */
export async function* featureBatches(
  table: TableSource,
  inputs: readonly InputColumn[],
  routes: readonly FittedRoute[],
  names: readonly string[],
  rows: number,
  others: readonly string[],
): AsyncGenerator<FeatureBatch, void, undefined> {
  const carried = others.map((name, at) => {
    const found = table.columns.find((column) => column.name === name);
    return {
      name: `k${at}`,
      sql: identifier(name),
      type: found?.type ?? findInput(table.columns, name).type,
    };
  });
  const { query, fill } = prepare(table, inputs, routes, names, carried, undefined);
  const batches = query.batches({ rows });
  try {
    for (;;) {
      const { value, done } = await readableErrors(async () => await batches.next());
      if (done === true) return;
      const arrays = others.map((name, at): readonly [string, AnyColumnArray] => [
        name,
        value.arrays[`k${at}`] ?? [],
      ]);
      yield { matrix: await fill(value.arrays, value.rowCount), arrays: Object.fromEntries(arrays) };
    }
  } finally {
    await batches.return();
  }
}

/** A query for features and carried columns, and what makes a matrix of the rows that it gives. */
function prepare(
  table: TableSource,
  inputs: readonly InputColumn[],
  routes: readonly FittedRoute[],
  names: readonly string[],
  carried: readonly { readonly name: string; readonly sql: string; readonly type: string }[],
  folds: number | undefined,
): {
  readonly query: Table;
  readonly fill: (columns: ReadColumns, rows: number) => Promise<FeatureMatrix>;
} {
  const { sql, parts, tensorParts } = transformQuery(
    table,
    inputs,
    routes,
    folds,
    carried.map((each): Named => [each.name, each.sql]),
  );
  const read = [
    ...carried.map(({ name, type }) => ({ name, type })),
    ...parts.map(([name, { output }]) => ({ name, type: output.type === "position" ? "INTEGER" : "FLOAT" })),
    ...tensorParts.flatMap((part) =>
      part.inputs.map(({ name, dtype }) => ({ name, type: dtype === "string" ? "VARCHAR" : "DOUBLE" })),
    ),
  ];
  const casts = read.map(({ name, type }): Named => [name, `${identifier(name)}::${type}`]);
  const files = table instanceof Table ? table.files : [];
  const { database } = table;
  const query = new Table({
    database,
    sql: `FROM ${stage(`(${sql})`, casts)}`,
    columns: read,
    files,
    isOrdered: true,
  });
  const width = names.length;
  return {
    query,
    fill: async (columns, rows) => {
      const data = zeros(rows, width);
      fillParts(data, width, parts, columns);
      for (const part of tensorParts) await fillTensorPart(data, width, part, columns, rows);
      return { data, rows, columns: names };
    },
  };
}

function textsOf(column: unknown): readonly string[] | undefined {
  return Array.isArray(column) ? column.map(String) : undefined;
}

function zeros(rows: number, width: number): Float32Array {
  try {
    return new Float32Array(rows * width);
  } catch (cause) {
    throw new InvalidInputError(
      `${rows} rows of ${width} features are too many for one matrix: transform parts of the table, or hash`,
      { cause },
    );
  }
}

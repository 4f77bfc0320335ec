/** @file Datasets and streams made of tables: what `fit` learns from, by the names of its columns. */
import { createHash } from "node:crypto";
import type { TableSource } from "../../data/table-source.ts";
import { identifier } from "../../data/relation-sql.ts";
import { InvalidInputError } from "../../errors.ts";
import { dataset, type Dataset } from "../training/dataset.ts";
import { Stream } from "../training/stream.ts";
import { rowBlocks, type RowArray } from "./row-blocks.ts";
import { selectedTensors } from "./selected-columns.ts";
import { placesOf, treeOf } from "./selected-tree.ts";
import { emptyLike } from "./shuffle-buffer.ts";
import { tableBatches } from "./table-batches.ts";
import type { ColumnsOfSource, SelectedRows, TableSelection } from "./table-selection.ts";

/** Rows that are asked of the database at once. */
const blockRows = 65_536;

/**
 * All rows of a table as a dataset: `features`, `categories.NAME` and `target`, whichever are selected; see
 * {@link TableSelection}.
 *
 * The rows are in the table's order: sort a table whose order is not the same each time (after a join, say), or a training
 * on it can't be repeated bit for bit.
 * @throws {@link InvalidInputError} for a column that is missing or doesn't fit, no rows, numbers that aren't finite, and
 * values that are none of their column's categories
 * @example
 * const data = await fromTable(flights, { features: ["distance", "hour"], target: "delay" });
 * await fit({ data, loss: (p, { features, target }) => model.apply(p, features).sub(target).square().mean(), … });
 */
export async function fromTable<T extends TableSource, const S extends TableSelection<ColumnsOfSource<T>>>(
  table: T,
  selection: S,
): Promise<Dataset<SelectedRows<S>>> {
  const tensors = selectedTensors(table, selection);
  const parts: (readonly RowArray[])[] = [];
  let rows = 0;
  for await (const block of rowBlocks(table, tensors, blockRows)) {
    parts.push(block.arrays);
    rows += block.rows;
  }
  if (rows === 0) throw new InvalidInputError("the table has no rows to learn from");
  const arrays = tensors.map((_, index) => joined(parts.flatMap((part) => part[index] ?? [])));
  // SAFETY: the tensors are those of the selection, at the paths and of the types that it has for the compiler.
  return dataset(treeOf(tensors, arrays, rows) as SelectedRows<S>);
}

/** How a table is streamed. */
export interface TableStreamSettings {
  /** Rows of a batch; 32 where absent. The last batch of an epoch has what remains. */
  readonly batchSize?: number;
  /**
   * How many rows are held to be put in another order; 65,536 where absent. 0 keeps the table's order, as measuring may. Where
   * rows that are alike stand together, it should hold many times as many as these.
   */
  readonly shuffleBuffer?: number;
  /** Fixes the order of rows; 0 where absent. Each epoch has another one. */
  readonly seed?: number;
}

/**
 * The rows of a table as a stream, for tables larger than memory: each epoch asks for the rows again, and puts them in an
 * order drawn from the seed and the epoch, as far as its buffer reaches. Tensors and order of the table as in {@link fromTable}.
 * @throws as {@link fromTable}; what rows hold is seen as they come
 */
export async function streamTable<T extends TableSource, const S extends TableSelection<ColumnsOfSource<T>>>(
  table: T,
  selection: S,
  settings: TableStreamSettings = {},
): Promise<Stream<SelectedRows<S>>> {
  const { batchSize = 32, shuffleBuffer = 65_536, seed = 0 } = settings;
  requireWhole("batchSize", batchSize, 1);
  requireWhole("shuffleBuffer", shuffleBuffer, 0);
  requireWhole("seed", seed, 0);
  const tensors = selectedTensors(table, selection);
  const { rows: counted } = await table.database.query(`SELECT count(*) AS n FROM (${table.sql}\n)`);
  const rows = Number(counted[0]?.["n"] ?? 0);
  if (rows === 0) throw new InvalidInputError("the table has no rows to learn from");
  const size = Math.min(batchSize, rows);
  return new Stream<SelectedRows<S>>(
    {
      batches: Math.ceil(rows / size),
      // SAFETY: the tensors are those of the selection, at the paths and of the types that it has for the compiler.
      open: (epoch) =>
        tableBatches(table, tensors, { batchSize: size, shuffleBuffer, seed, epoch }) as AsyncIterable<
          SelectedRows<S>
        >,
    },
    {
      form: placesOf(tensors, size),
      identity: createHash("sha256")
        .update(JSON.stringify([table.sql, tensors, size, shuffleBuffer, seed, rows]))
        .digest("hex"),
    },
  );
}

/**
 * The different values of columns in ascending order, nulls left out: what {@link TableSelection.categories} and `classes`
 * take. Find them in the training rows, and keep them: they say what the codes mean.
 * @throws {@link InvalidInputError} for a column that is missing
 */
export async function categoriesOf<
  T extends TableSource,
  const Names extends readonly (keyof ColumnsOfSource<T> & string)[],
>(table: T, ...names: Names): Promise<{ readonly [Name in Names[number]]: readonly string[] }> {
  const found: [string, readonly string[]][] = [];
  for (const name of names) {
    // The column's type is looked at as that of a category.
    selectedTensors(table, { categories: { [name]: ["any"] } });
    const column = identifier(name);
    const { rows } = await table.database.query(
      `SELECT CAST(${column} AS VARCHAR) AS value FROM (SELECT DISTINCT ${column} FROM (${table.sql}\n) WHERE ${column} IS NOT NULL) ORDER BY ${column}`,
    );
    found.push([name, rows.flatMap(({ value }) => (typeof value === "string" ? [value] : []))]);
  }
  // SAFETY: there is one list for each name.
  return Object.fromEntries(found) as { readonly [Name in Names[number]]: readonly string[] };
}

function joined(parts: readonly RowArray[]): RowArray {
  const [first] = parts;
  if (!first || parts.length === 1) return first ?? new Float32Array();
  const whole = emptyLike(
    first,
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    // SAFETY: all parts of a tensor are arrays of one class.
    (whole as Float32Array).set(part as Float32Array, at);
    at += part.length;
  }
  return whole;
}

function requireWhole(what: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new InvalidInputError(`${what} must be a whole number from ${least}, not ${value}`);
}

/** @file The rows of a table as the arrays of a selection's tensors, some at a time: one query gives all of a row. */
import { QueryError } from "../../data/errors.ts";
import { identifier } from "../../data/relation-sql.ts";
import { Table } from "../../data/table.ts";
import type { TableSource } from "../../data/table-source.ts";
import type { AnyColumnArray } from "../../data/table-types.ts";
import { InvalidInputError } from "../../errors.ts";
import { isRowFeatures, type ComputedColumn, type SelectedTensor } from "./selected-columns.ts";

/** The rows of a tensor, row-major. */
export type RowArray = Float32Array | BigInt64Array;

/** Some rows: an array for each tensor of the selection, in order. */
export interface RowBlock {
  readonly rows: number;
  readonly arrays: readonly RowArray[];
}

/**
 * Reads a table in its order, in blocks of at least so many rows but for the last.
 * @throws {@link InvalidInputError} for a number that isn't finite and a value that is none of its column's categories
 */
export async function* rowBlocks(
  table: TableSource,
  tensors: readonly SelectedTensor[],
  rows: number,
): AsyncGenerator<RowBlock, void, undefined> {
  const computed = tensors.flatMap(({ from }) => (isRowFeatures(from) ? [] : from));
  const names = freeNames(table, computed.length);
  const features = tensors.map(({ from }) => from).find((from) => isRowFeatures(from));
  const source = withColumns(table, computed, names, features !== undefined);
  let before = 0;
  for await (const { rowCount, arrays, matrix } of read(source, names, features, rows)) {
    let next = 0;
    const made: RowArray[] = [];
    for (const tensor of tensors) {
      if (isRowFeatures(tensor.from)) {
        const data = matrix ?? new Float32Array();
        requireFinite(data, tensor.from.names, before);
        made.push(data);
        continue;
      }
      const columns = tensor.from.map(() => arrays[names[next++] ?? ""] ?? []);
      if (tensor.dtype === "float32") {
        const data = sideBySide(columns, rowCount);
        const sources = tensor.from.map((each) => each.source);
        requireFinite(data, sources, before);
        made.push(data);
      } else made.push(await codes(table, tensor.from[0], columns[0], before));
    }
    before += rowCount;
    yield { rows: rowCount, arrays: made };
  }
}

interface ReadRows {
  readonly rowCount: number;
  readonly arrays: Readonly<Record<string, AnyColumnArray>>;
  readonly matrix: Float32Array | undefined;
}

async function* read(
  source: Table,
  names: readonly string[],
  features: SelectedTensor["from"] | undefined,
  rows: number,
): AsyncGenerator<ReadRows, void, undefined> {
  if (features === undefined || !isRowFeatures(features)) {
    yield* readColumns(source, rows);
    return;
  }
  for await (const { matrix, arrays } of features.batches(source, { rows, columns: names }))
    yield { rowCount: matrix.rows, arrays, matrix: matrix.data };
}

async function* readColumns(source: Table, rows: number): AsyncGenerator<ReadRows, void, undefined> {
  let before = 0;
  try {
    for await (const { rowCount, arrays } of source.batches({ rows })) {
      before += rowCount;
      yield { rowCount, arrays, matrix: undefined };
    }
  } catch (error) {
    // What only the user's connection knows (temporary tables and views) is asked for there, all at once.
    if (before > 0 || !(error instanceof QueryError) || !error.message.startsWith("Catalog Error"))
      throw error;
    const arrays: Readonly<Record<string, AnyColumnArray>> = await source.arrays();
    const rowCount = Object.values(arrays)[0]?.length ?? 0;
    if (rowCount > 0) yield { rowCount, arrays, matrix: undefined };
  }
}

/** The table with computed columns, its own kept only where something else is made of them. */
function withColumns(
  table: TableSource,
  computed: readonly ComputedColumn[],
  names: readonly string[],
  keepsAll: boolean,
): Table {
  const made = computed.map(({ sql }, at) => `${sql} AS ${identifier(names[at] ?? "")}`);
  const columns = computed.map(({ type }, at) => ({ name: names[at] ?? "", type }));
  const known = table instanceof Table ? table : { files: [], isOrdered: false };
  return new Table({
    database: table.database,
    sql: `SELECT ${[...(keepsAll ? ["*"] : []), ...made].join(", ")} FROM (${table.sql}\n)`,
    columns: [...(keepsAll ? table.columns : []), ...columns],
    files: known.files,
    isOrdered: known.isOrdered,
  });
}

/** Names that no column of the table has. */
function freeNames({ columns }: TableSource, count: number): readonly string[] {
  let prefix = "tensor";
  while (columns.some(({ name }) => name.startsWith(prefix))) prefix += "_";
  return Array.from({ length: count }, (_, at) => `${prefix}${at}`);
}

function sideBySide(columns: readonly AnyColumnArray[], rows: number): Float32Array {
  const width = columns.length;
  const [only] = columns;
  if (width === 1 && only instanceof Float32Array) return only;
  const data = new Float32Array(rows * width);
  for (const [at, column] of columns.entries()) {
    if (!(column instanceof Float32Array)) throw new InvalidInputError("a column was not read as numbers");
    for (let row = 0, place = at; row < rows; row++, place += width) data[place] = column[row] ?? 0;
  }
  return data;
}

function requireFinite(data: Float32Array, names: readonly string[], before: number): void {
  // NaN and infinities stay what they are in a sum of differences from themselves.
  let sum = 0;
  for (let at = 0; at < data.length; at++) {
    const value = data[at] ?? 0;
    sum += value - value;
  }
  if (sum === 0) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  const row = before + Math.floor(at / names.length);
  throw new InvalidInputError(
    `column "${names[at % names.length]}" holds ${data[at]} in row ${row} (a null counts as NaN): fill or filter what is no finite number`,
  );
}

async function codes(
  table: TableSource,
  column: ComputedColumn | undefined,
  values: AnyColumnArray | undefined,
  before: number,
): Promise<BigInt64Array> {
  if (!(values instanceof BigInt64Array) || !column?.categories)
    throw new InvalidInputError("a column was not read as codes");
  const at = values.indexOf(-1n);
  if (at < 0) return values;
  const { source, sql, categories } = column;
  const { rows } = await table.database.query(
    `SELECT CAST(${identifier(source)} AS VARCHAR) AS odd FROM (${table.sql}\n) WHERE ${sql} = -1 LIMIT 1`,
  );
  const odd: unknown = rows[0]?.["odd"];
  const list =
    categories.length <= 10 ? `categories: ${categories.join(", ")}` : `${categories.length} categories`;
  const value = typeof odd === "string" ? JSON.stringify(odd) : "null";
  throw new InvalidInputError(
    `column "${source}" holds ${value} in row ${before + at}, which is none of its ${list}`,
  );
}

/** @file Rows as a table, for a pipeline to predict, and a table's first rows, to be recorded. */
import { fromArrays, type ColumnValues } from "../data/from-arrays.ts";
import { dropStored } from "../data/memory-tables.ts";
import { identifier } from "../data/relation-sql.ts";
import { Table } from "../data/table.ts";
import { tableSource, type TableSource } from "../data/table-source.ts";
import { findInput } from "../features/input-columns.ts";
import { columnCells, type ModelRow } from "./cell-values.ts";
import { valueKind, type InputType, type ModelSignature, type SignatureInput } from "./signature.ts";

/** Types of DuckDB's that a number is cast to; the others stay DOUBLE, as the features read them. */
const nativeTypes: Partial<Record<InputType, string>> = {
  boolean: "BOOLEAN",
  int8: "TINYINT",
  int16: "SMALLINT",
  int32: "INTEGER",
  int64: "BIGINT",
  uint8: "UTINYINT",
  uint16: "USMALLINT",
  uint32: "UINTEGER",
  float32: "FLOAT",
};

/**
 * Calls back with rows as a table of the signature's columns, which stands in memory meanwhile.
 * @throws {@link InvalidInputError} for a value that doesn't fit, as {@link columnCells}
 */
export async function withRowTable<Result>(
  signature: ModelSignature,
  rows: readonly ModelRow[],
  use: (table: TableSource) => Promise<Result>,
): Promise<Result> {
  const arrays: Record<string, ColumnValues> = { row: Float64Array.from(rows.keys()) };
  for (const [at, input] of signature.inputs.entries()) {
    const cells = columnCells(input, rows);
    arrays[`c${at}`] =
      valueKind(input.type) === "text"
        ? cells.map((cell) => String(cell ?? ""))
        : Float64Array.from(cells, (cell) => Number(cell ?? Number.NaN));
  }
  const stored = await fromArrays(arrays);
  try {
    const columns = signature.inputs.map(
      (input, at) => `${readBack(input, `c${at}`)} AS ${identifier(input.name)}`,
    );
    const { sql, columns: types } = await tableSource(
      stored.database,
      `SELECT ${columns.join(", ")} FROM (${stored.sql}) ORDER BY row`,
    );
    return await use(
      new Table({ database: stored.database, sql, columns: types, files: [], isOrdered: true }),
    );
  } finally {
    await dropStored(stored);
  }
}

function readBack({ type }: SignatureInput, column: string): string {
  const kind = valueKind(type);
  if (kind === "text") return column;
  const number = `nullif(${column}, 'nan'::DOUBLE)`;
  if (kind === "date") return `DATE '1970-01-01' + ${number}::INTEGER`;
  if (kind === "timestamp") return `make_timestamp(${number}::BIGINT)`;
  const native = nativeTypes[type];
  return native === undefined ? number : `${number}::${native}`;
}

/**
 * The first rows of a table, with the signature's columns, in forms that JSON has: dates and times as ISO texts in UTC without
 * a zone, infinite numbers as "Infinity".
 * @throws {@link InvalidInputError} for a column that the table hasn't, {@link QueryError} where the table can't be read
 */
export async function firstRows(
  { inputs }: Pick<ModelSignature, "inputs">,
  { database, sql, columns: present }: TableSource,
  count: number,
): Promise<ModelRow[]> {
  for (const { name } of inputs) findInput(present, name);
  const columns = inputs.map((input) => `${recorded(input)} AS ${identifier(input.name)}`).join(", ");
  const { rows } = await database.query(`SELECT ${columns} FROM (${sql}\n) LIMIT ${count}`);
  return rows.map((row) =>
    Object.fromEntries(
      inputs.map(({ name }) => {
        const value = row[name];
        if (typeof value === "number") return [name, numberForJson(value)];
        return [name, typeof value === "string" || typeof value === "boolean" ? value : null];
      }),
    ),
  );
}

function numberForJson(value: number): number | string | null {
  if (Number.isNaN(value)) return null;
  return Number.isFinite(value) ? value : String(value);
}

function recorded({ name, type }: SignatureInput): string {
  const column = identifier(name);
  switch (valueKind(type)) {
    case "text":
      return `${column}::VARCHAR`;
    case "boolean":
      return `${column}::BOOLEAN`;
    case "date":
      return `CASE WHEN isfinite(${column}) THEN strftime(${column}, '%Y-%m-%d') END`;
    case "timestamp":
      return `CASE WHEN isfinite(${column}) THEN strftime(make_timestamp(epoch_us(${column})), '%Y-%m-%dT%H:%M:%S.%f') END`;
    default:
      return `${column}::DOUBLE`;
  }
}

/** @file Columns in memory become a table of a database in memory of their own, beside the user's. */
import { DuckDBDataChunk, type DuckDBType, type DuckDBValue, type DuckDBVector } from "@duckdb/node-api";
import type { TableColumns } from "./column-types.ts";
import type { Database } from "./database.ts";
import { ColumnError } from "./errors.ts";
import { identifier } from "./relation-sql.ts";
import { Table } from "./table.ts";
import { requireDistinct } from "./verbs.ts";

/** A column's values, handed over some at a time. */
export interface MemoryColumn {
  readonly name: string;
  readonly type: DuckDBType;
  readonly rowCount: number;
  /** Writes rows into a vector of this column's type, from its first place. */
  readonly fill: (vector: DuckDBVector, from: number, rows: number) => void;
}

/** Numbers whose array has the layout of their DuckDB type. */
export type NumberArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

let tables = 0;
const chunkRows = 2048;

/** A column of a typed array without nulls: it is copied block by block. */
export function numberColumn(name: string, type: DuckDBType, values: NumberArray): MemoryColumn {
  return {
    name,
    type,
    rowCount: values.length,
    fill: (vector, from, rows) => {
      const items: unknown = Reflect.get(vector, "items");
      if (!ArrayBuffer.isView(items) || !("set" in items)) {
        throw new ColumnError(`this version of @duckdb/node-api lays out ${String(type)} otherwise`);
      }
      // SAFETY: a vector of this type has items of this array's class, or of one with the same numbers.
      const target = items as unknown as { set(part: ArrayLike<number> | ArrayLike<bigint>): void };
      target.set(values.subarray(from, from + rows));
    },
  };
}

/** A column of values that are looked up one by one. */
export function valueColumn(
  name: string,
  type: DuckDBType,
  rowCount: number,
  valueAt: (row: number) => DuckDBValue,
): MemoryColumn {
  return {
    name,
    type,
    rowCount,
    fill: (vector, from, rows) => {
      for (let row = 0; row < rows; row++) vector.setItem(row, valueAt(from + row));
    },
  };
}

/**
 * Copies columns into a new table. Parts of columns, one below the other, have the same names and types.
 * @throws {@link ColumnError} for unequal lengths or names, and where not all rows were kept
 */
export async function storeColumns<C extends TableColumns>(
  database: Database,
  parts: readonly (readonly MemoryColumn[])[],
): Promise<Table<C>> {
  const [columns = []] = parts;
  if (columns.length === 0) throw new ColumnError("a table has at least one column");
  requireDistinct(columns.map((column) => column.name));
  for (const part of parts) requireEqualLengths(part);
  tables += 1;
  const name = `table_${tables}`;
  const definitions = columns.map((column) => `${identifier(column.name)} ${String(column.type)}`);
  // A table in the user's file would stay there, and a temporary one belongs to one connection.
  await database.ask("ATTACH IF NOT EXISTS ':memory:' AS tenon_memory");
  await database.ask(`CREATE TABLE tenon_memory.main.${name} (${definitions.join(", ")})`);
  await append(database, name, parts);
  const table = new Table<C>({
    database,
    sql: `SELECT * FROM tenon_memory.main.${name}`,
    columns: columns.map((column) => ({ name: column.name, type: String(column.type) })),
    files: [],
    isOrdered: true,
  });
  const rowCount = parts.reduce((sum, [first]) => sum + (first?.rowCount ?? 0), 0);
  const stored = await table.count();
  if (stored !== rowCount) throw new ColumnError(`of ${rowCount} rows ${stored} were kept`);
  return table;
}

/** Lets a table of {@link storeColumns} go; nobody may ask for its rows any more. */
export async function dropStored(table: Table): Promise<void> {
  await table.database.run(table.sql.replace(/^SELECT \* FROM/, "DROP TABLE"));
}

async function append(
  database: Database,
  name: string,
  parts: readonly (readonly MemoryColumn[])[],
): Promise<void> {
  const { connection, close } = await database.connect();
  try {
    const appender = await connection.createAppender(name, "main", "tenon_memory");
    for (const columns of parts) {
      const rowCount = columns[0]?.rowCount ?? 0;
      for (let row = 0; row < rowCount; row += chunkRows) {
        const rows = Math.min(chunkRows, rowCount - row);
        const chunk = DuckDBDataChunk.create(
          columns.map(({ type }) => type),
          rows,
        );
        for (const [index, column] of columns.entries()) {
          const vector = chunk.getColumnVector(index);
          column.fill(vector, row, rows);
          vector.flush();
        }
        appender.appendDataChunk(chunk);
      }
    }
    appender.closeSync();
  } finally {
    close();
  }
}

function requireEqualLengths(columns: readonly MemoryColumn[]): void {
  const [first] = columns;
  for (const { name, rowCount } of columns) {
    if (rowCount !== first?.rowCount) {
      throw new ColumnError(
        `column "${name}" has ${rowCount} values and "${first?.name}" ${first?.rowCount}: they must have as many`,
      );
    }
  }
}

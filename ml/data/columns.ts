/**
 * @file Columns as typed arrays: what a caller declares is cast by DuckDB, read without loss, and typed.
 *
 * A column's array always has exactly as many entries as the query has rows. Floating-point columns carry a null as
 * NaN; a null in any other kind is an error, because their arrays have no value to stand for it.
 */
import type { DuckDBMaterializedResult, DuckDBVector } from "@duckdb/node-api";
import { ColumnError } from "./errors.ts";

interface ArrayByKind {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int32: Int32Array;
  readonly uint8: Uint8Array;
  readonly string: readonly string[];
}

/** What a column is read as. */
export type ColumnKind = keyof ArrayByKind;

/** The columns that a query must have, by name. */
export type ColumnSchema = Readonly<Record<string, ColumnKind>>;

/** One array for each column of a schema. */
export type Columns<S extends ColumnSchema> = { readonly [Name in keyof S]: ArrayByKind[S[Name]] };

const sqlTypes: Readonly<Record<ColumnKind, string>> = {
  float32: "FLOAT",
  float64: "DOUBLE",
  int32: "INTEGER",
  uint8: "UTINYINT",
  string: "VARCHAR",
};

/** A query that selects a schema's columns out of another query, cast to what they are read as. */
export function selectColumns(sql: string, schema: ColumnSchema): string {
  const columns = Object.entries(schema).map(([name, kind]) => {
    const identifier = `"${name.replaceAll('"', '""')}"`;
    return `CAST(source.${identifier} AS ${sqlTypes[kind]}) AS ${identifier}`;
  });
  return `SELECT ${columns.join(", ")} FROM (${sql.replace(/[\s;]+$/, "")}\n) AS source`;
}

/** Reads the result of {@link selectColumns}. Throws {@link ColumnError} when a value is null or a row is missing. */
export async function readColumns<S extends ColumnSchema>(
  result: DuckDBMaterializedResult,
  schema: S,
): Promise<Columns<S>> {
  const readers = Object.entries(schema).map(([name, kind]) => new ColumnReader(name, kind, result.rowCount));
  let row = 0;
  for (
    let chunk = await result.fetchChunk();
    chunk && chunk.rowCount > 0;
    chunk = await result.fetchChunk()
  ) {
    for (const [index, reader] of readers.entries()) {
      reader.read(chunk.getColumnVector(index), chunk.rowCount, row);
    }
    row += chunk.rowCount;
  }
  if (row !== result.rowCount) {
    throw new ColumnError(`DuckDB announced ${result.rowCount} rows and delivered ${row}; nothing was kept`);
  }
  // SAFETY: there is one reader for each name of the schema, and each made the array of its kind.
  return Object.fromEntries(readers.map((reader) => [reader.name, reader.array])) as unknown as Columns<S>;
}

type ColumnArray = Float32Array | Float64Array | Int32Array | Uint8Array | string[];

const newArray: Readonly<Record<ColumnKind, (rows: number) => ColumnArray>> = {
  float32: (rows) => new Float32Array(rows),
  float64: (rows) => new Float64Array(rows),
  int32: (rows) => new Int32Array(rows),
  uint8: (rows) => new Uint8Array(rows),
  string: (rows) => Array.from<string>({ length: rows }),
};

class ColumnReader {
  readonly name: string;
  readonly array: ColumnArray;
  readonly #nullValue: number | undefined;
  // A column of categories repeats few strings: one instance of each keeps memory at a pointer a row.
  readonly #strings = new Map<string, string>();

  constructor(name: string, kind: ColumnKind, rows: number) {
    this.name = name;
    this.array = newArray[kind](rows);
    this.#nullValue = kind === "float32" || kind === "float64" ? Number.NaN : undefined;
  }

  read(vector: DuckDBVector, rows: number, firstRow: number): void {
    const { array } = this;
    for (let index = 0; index < rows; index++) {
      const value = vector.getItem(index) ?? this.#nullValue;
      if (typeof value === "number" && !Array.isArray(array)) array[firstRow + index] = value;
      else if (typeof value === "string" && Array.isArray(array))
        array[firstRow + index] = this.#intern(value);
      else {
        throw new ColumnError(
          `column "${this.name}" is null in row ${firstRow + index}: fill it (coalesce) or filter it out in the query`,
        );
      }
    }
  }

  #intern(value: string): string {
    const known = this.#strings.get(value);
    if (known === undefined) this.#strings.set(value, value);
    return known ?? value;
  }
}

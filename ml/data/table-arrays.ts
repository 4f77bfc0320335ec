/**
 * @file A table's columns as arrays, each of the kind that its type has.
 *
 * DuckDB casts; numbers are then copied block by block, not one by one. A null is NaN in an array of floats; in any other
 * typed array, and in one of texts, there is no value for it, so it is an error that names the column and the row. Or
 * nulls are masked: then each array that has any comes with a bit for each row, as Arrow lays them out.
 */
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { columnType } from "./column-types.ts";
import { ColumnError } from "./errors.ts";
import type { LongArray, NumberArray } from "./growing-array.ts";
import type { ColumnDescription } from "./query-result.ts";
import { identifier } from "./relation-sql.ts";
import type { AnyColumnArray } from "./table-types.ts";
import { numberReader, textReader, valueReader, type OnNull, type VectorReader } from "./vector-readers.ts";

/** What becomes of nulls in arrays that have no value for them. */
export type NullRule = "refused" | "masked";

/** Which rows have a value: bit `row % 8` of byte `row / 8` is set for these. */
export interface NullMask {
  readonly bits: Uint8Array<ArrayBuffer>;
  readonly nullCount: number;
}

/** How a column is asked for, and the array that holds it. */
interface Layout {
  readonly sql: (column: string) => string;
  /** The same where nulls are masked. */
  readonly masked?: (column: string) => string;
  readonly make?: (rows: number) => NumberArray | LongArray;
}

const plain = (column: string): string => column;
const as =
  (type: string) =>
  (column: string): string =>
    `CAST(${column} AS ${type})`;
const nanAs =
  (type: string) =>
  (column: string): string =>
    `coalesce(CAST(${column} AS ${type}), CAST('NaN' AS ${type}))`;

const texts: Layout = { sql: as("VARCHAR") };
const layouts: Readonly<Partial<Record<ReturnType<typeof columnType>, Layout>>> = {
  boolean: { sql: as("UTINYINT"), make: (rows) => new Uint8Array(rows) },
  int8: { sql: plain, make: (rows) => new Int8Array(rows) },
  int16: { sql: plain, make: (rows) => new Int16Array(rows) },
  int32: { sql: plain, make: (rows) => new Int32Array(rows) },
  int64: { sql: plain, make: (rows) => new BigInt64Array(rows) },
  uint8: { sql: plain, make: (rows) => new Uint8Array(rows) },
  uint16: { sql: plain, make: (rows) => new Uint16Array(rows) },
  uint32: { sql: plain, make: (rows) => new Uint32Array(rows) },
  uint64: { sql: plain, make: (rows) => new BigUint64Array(rows) },
  float32: { sql: nanAs("FLOAT"), masked: plain, make: (rows) => new Float32Array(rows) },
  float64: { sql: nanAs("DOUBLE"), masked: plain, make: (rows) => new Float64Array(rows) },
  decimal: { sql: nanAs("DOUBLE"), masked: as("DOUBLE"), make: (rows) => new Float64Array(rows) },
  date: { sql: plain, make: (rows) => new Int32Array(rows) },
  timestamp: { sql: as("TIMESTAMP"), make: (rows) => new BigInt64Array(rows) },
  timestamptz: { sql: plain, make: (rows) => new BigInt64Array(rows) },
  string: texts,
  uuid: texts,
  json: texts,
};

/** The query that gives the columns as {@link ArrayReader} reads them. */
export function arrayQuery(
  sql: string,
  columns: readonly ColumnDescription[],
  nulls: NullRule = "refused",
): string {
  const terms = columns.map(({ name, type }) => {
    const column = identifier(name);
    const layout = layouts[columnType(type)];
    const term = (nulls === "masked" ? layout?.masked : undefined) ?? layout?.sql ?? plain;
    return `${term(column)} AS ${column}`;
  });
  return `SELECT ${terms.join(", ")} FROM (${sql}\n)`;
}

/** Reads the chunks of an {@link arrayQuery} into arrays. */
export class ArrayReader {
  readonly #columns: readonly ColumnDescription[];
  readonly #readers: readonly VectorReader[];
  readonly #masks: readonly MaskOfNulls[];
  readonly #rows: number | undefined;
  /** Rows before these in what the user reads, for errors. */
  readonly #firstRow: number;
  #filled = 0;

  /** `rows` is how many will come; undefined where nobody knows. */
  constructor(
    columns: readonly ColumnDescription[],
    rows: number | undefined,
    firstRow = 0,
    nulls: NullRule = "refused",
  ) {
    this.#columns = columns;
    this.#rows = rows;
    this.#firstRow = firstRow;
    this.#masks = columns.map(() => new MaskOfNulls());
    this.#readers = columns.map((column, index) => {
      const mask = this.#masks[index];
      const masked: OnNull = (row) => mask?.add(row);
      return makeReader(column, index, rows, nulls === "masked" ? masked : refusal(column.name, firstRow));
    });
  }

  /** Adds a chunk's rows, or its first ones. Throws {@link ColumnError} for a null that an array cannot hold. */
  read(chunk: DuckDBDataChunk, rows = chunk.rowCount): void {
    if (this.#rows !== undefined && this.#filled + rows > this.#rows) {
      throw new ColumnError(`DuckDB announced ${this.#firstRow + this.#rows} rows and delivered more`);
    }
    for (const [index, reader] of this.#readers.entries()) {
      reader.read(chunk.getColumnVector(index), chunk, rows, this.#filled);
    }
    this.#filled += rows;
  }

  /** How many rows were read. */
  get filled(): number {
    return this.#filled;
  }

  /** Makes room for as many rows as are expected in all; more or fewer may come. */
  reserve(rows: number): void {
    for (const reader of this.#readers) reader.reserve(rows);
  }

  /** The arrays, by name; none can be read after. Throws {@link ColumnError} where rows are missing. */
  finish(): Readonly<Record<string, AnyColumnArray>> {
    if (this.#rows !== undefined && this.#filled !== this.#rows) {
      throw new ColumnError(
        `DuckDB announced ${this.#rows} rows and delivered ${this.#filled}; nothing was kept`,
      );
    }
    return Object.fromEntries(
      this.#columns.map(({ name }, index) => [name, this.#readers[index]?.finish() ?? []]),
    );
  }

  /** The masks of the arrays that have nulls, by name. */
  get masks(): ReadonlyMap<string, NullMask> {
    return new Map(
      this.#columns.flatMap(({ name }, index) => {
        const mask = this.#masks[index]?.finish(this.#filled);
        return mask === undefined ? [] : [[name, mask]];
      }),
    );
  }
}

function makeReader(
  { type }: ColumnDescription,
  column: number,
  rows: number | undefined,
  onNull: OnNull,
): VectorReader {
  const layout = layouts[columnType(type)];
  if (layout === undefined) return valueReader(column);
  return layout.make === undefined ? textReader(rows, onNull) : numberReader(layout.make, rows, onNull);
}

function refusal(name: string, before: number): OnNull {
  return (row) => {
    throw new ColumnError(
      `column "${name}" is null in row ${before + row}, and its array has no value for that: fillNull or filter it, or read rows()`,
    );
  };
}

class MaskOfNulls {
  readonly #rows: number[] = [];

  add(row: number): void {
    this.#rows.push(row);
  }

  finish(rows: number): NullMask | undefined {
    if (this.#rows.length === 0) return undefined;
    const bits = new Uint8Array(Math.ceil(rows / 8)).fill(0xff);
    for (const row of this.#rows) bits[row >> 3] = (bits[row >> 3] ?? 0) & ~(1 << (row & 7));
    return { bits, nullCount: this.#rows.length };
  }
}

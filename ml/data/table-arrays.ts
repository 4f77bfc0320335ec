/**
 * @file A table's columns as arrays, each of the kind that its type has.
 *
 * DuckDB casts; numbers are then copied block by block, not one by one. A null is NaN in an array of floats; in any other
 * typed array, and in one of texts, there is no value for it, so it is an error that names the column and the row.
 */
import { JSDuckDBValueConverter, type DuckDBDataChunk, type DuckDBVector } from "@duckdb/node-api";
import { columnType } from "./column-types.ts";
import { ColumnError } from "./errors.ts";
import { exactNumber, type ColumnDescription, type RowValue } from "./query-result.ts";
import { identifier } from "./relation-sql.ts";
import type { AnyColumnArray } from "./table-types.ts";

interface Reader {
  read(vector: DuckDBVector, chunk: DuckDBDataChunk, firstRow: number): void;
  readonly array: AnyColumnArray;
}

type NumberArray =
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;
type LongArray = BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

/** How a column is asked for, and the array that holds it. */
interface Layout {
  readonly sql: (column: string) => string;
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
  float32: { sql: nanAs("FLOAT"), make: (rows) => new Float32Array(rows) },
  float64: { sql: nanAs("DOUBLE"), make: (rows) => new Float64Array(rows) },
  decimal: { sql: nanAs("DOUBLE"), make: (rows) => new Float64Array(rows) },
  date: { sql: plain, make: (rows) => new Int32Array(rows) },
  timestamp: { sql: as("TIMESTAMP"), make: (rows) => new BigInt64Array(rows) },
  timestamptz: { sql: plain, make: (rows) => new BigInt64Array(rows) },
  string: texts,
  uuid: texts,
  json: texts,
};

/** The query that gives the columns as {@link ArrayReader} reads them. */
export function arrayQuery(sql: string, columns: readonly ColumnDescription[]): string {
  const terms = columns.map(({ name, type }) => {
    const column = identifier(name);
    return `${(layouts[columnType(type)]?.sql ?? plain)(column)} AS ${column}`;
  });
  return `SELECT ${terms.join(", ")} FROM (${sql}\n)`;
}

/** Reads the chunks of an {@link arrayQuery} into arrays of a known number of rows. */
export class ArrayReader {
  readonly #columns: readonly ColumnDescription[];
  readonly #readers: readonly Reader[];
  readonly #rows: number;
  /** Rows before these in what the user reads, for errors. */
  readonly #firstRow: number;
  #filled = 0;

  constructor(columns: readonly ColumnDescription[], rows: number, firstRow = 0) {
    this.#columns = columns;
    this.#rows = rows;
    this.#firstRow = firstRow;
    this.#readers = columns.map((column, index) => makeReader(column, index, rows, firstRow));
  }

  /** Adds a chunk's rows. Throws {@link ColumnError} for a null that an array cannot hold. */
  read(chunk: DuckDBDataChunk): void {
    const { rowCount } = chunk;
    if (this.#filled + rowCount > this.#rows) {
      throw new ColumnError(`DuckDB announced ${this.#firstRow + this.#rows} rows and delivered more`);
    }
    for (const [index, reader] of this.#readers.entries()) {
      reader.read(chunk.getColumnVector(index), chunk, this.#filled);
    }
    this.#filled += rowCount;
  }

  /** The arrays, by name. Throws {@link ColumnError} where rows are missing. */
  finish(): Readonly<Record<string, AnyColumnArray>> {
    if (this.#filled !== this.#rows) {
      throw new ColumnError(
        `DuckDB announced ${this.#rows} rows and delivered ${this.#filled}; nothing was kept`,
      );
    }
    return Object.fromEntries(
      this.#columns.map(({ name }, index) => [name, this.#readers[index]?.array ?? []]),
    );
  }
}

function makeReader({ name, type }: ColumnDescription, column: number, rows: number, before: number): Reader {
  const layout = layouts[columnType(type)];
  const missing = (row: number): never => {
    throw new ColumnError(
      `column "${name}" is null in row ${before + row}, and its array has no value for that: fillNull or filter it, or read rows()`,
    );
  };
  if (layout === undefined) return valueReader(column, rows);
  if (layout.make === undefined) return textReader(rows, missing);
  const array = layout.make(rows);
  return array instanceof BigInt64Array || array instanceof BigUint64Array
    ? longReader(array, missing)
    : numberReader(array, missing);
}

function numberReader(array: NumberArray, missing: (row: number) => never): Reader {
  return {
    array,
    read: (vector, { rowCount }, firstRow) => {
      const items = itemsOf(vector, rowCount);
      const nulls = nullsOf(vector);
      if (items?.constructor === array.constructor && nulls !== "unknown") {
        const row = firstNull(nulls, rowCount);
        if (row !== undefined) missing(firstRow + row);
        // SAFETY: both are arrays of the same class, which holds numbers.
        array.set(items as NumberArray, firstRow);
        return;
      }
      for (let row = 0; row < rowCount; row++) {
        const value = vector.getItem(row);
        array[firstRow + row] = typeof value === "number" ? value : missing(firstRow + row);
      }
    },
  };
}

function longReader(array: LongArray, missing: (row: number) => never): Reader {
  return {
    array,
    read: (vector, { rowCount }, firstRow) => {
      const items = itemsOf(vector, rowCount);
      const nulls = nullsOf(vector);
      if (items?.constructor !== array.constructor || nulls === "unknown") {
        throw new ColumnError(`this version of @duckdb/node-api lays out ${String(vector.type)} otherwise`);
      }
      const row = firstNull(nulls, rowCount);
      if (row !== undefined) missing(firstRow + row);
      // SAFETY: both are arrays of the same class, which holds bigints.
      array.set(items as LongArray, firstRow);
    },
  };
}

function textReader(rows: number, missing: (row: number) => never): Reader {
  const array = Array.from<string>({ length: rows });
  // A column of categories repeats few texts: one instance of each keeps memory at a pointer a row.
  const known = new Map<string, string>();
  return {
    array,
    read: (vector, { rowCount }, firstRow) => {
      for (let row = 0; row < rowCount; row++) {
        const value = vector.getItem(row);
        const text = typeof value === "string" ? value : missing(firstRow + row);
        const first = known.get(text);
        if (first === undefined && known.size < mostKnownTexts) known.set(text, text);
        array[firstRow + row] = first ?? text;
      }
    },
  };
}

const mostKnownTexts = 100_000;

function valueReader(column: number, rows: number): Reader {
  const array = Array.from<RowValue>({ length: rows });
  return {
    array,
    read: (_, chunk, firstRow) => {
      const values = chunk.convertColumnValues(column, JSDuckDBValueConverter);
      for (const [row, value] of values.entries()) array[firstRow + row] = exactNumber(value);
    },
  };
}

/** The vector's memory as an array: it is private to the class, and copied one by one where it isn't what we know. */
function itemsOf(vector: DuckDBVector, rows: number): ArrayBufferView | undefined {
  const items: unknown = Reflect.get(vector, "items");
  if (!ArrayBuffer.isView(items) || items instanceof DataView) return undefined;
  return "length" in items && items.length === rows ? items : undefined;
}

/** The words of a vector's null mask, a set bit for each value; undefined where all are there. */
function nullsOf(vector: DuckDBVector): BigUint64Array | undefined | "unknown" {
  const validity: unknown = Reflect.get(vector, "validity");
  if (typeof validity !== "object" || validity === null) return "unknown";
  const data: unknown = Reflect.get(validity, "data");
  if (data === null) return undefined;
  return data instanceof BigUint64Array ? data : "unknown";
}

function firstNull(words: BigUint64Array | undefined, rows: number): number | undefined {
  if (words === undefined) return undefined;
  const all = 0xffff_ffff_ffff_ffffn;
  for (const [index, word] of words.entries()) {
    if (word === all) continue;
    for (let row = index * 64; row < Math.min(rows, index * 64 + 64); row++) {
      if (((word >> BigInt(row % 64)) & 1n) === 0n) return row;
    }
  }
  return undefined;
}

/**
 * @file A table's columns as arrays, each of the kind that its type has.
 *
 * DuckDB casts; numbers are then copied block by block, not one by one. A null is NaN in an array of floats; in any other
 * typed array, and in one of texts, there is no value for it, so it is an error that names the column and the row. Or
 * nulls are masked: then each array that has any comes with a bit for each row, as Arrow lays them out.
 */
import { JSDuckDBValueConverter, type DuckDBDataChunk, type DuckDBVector } from "@duckdb/node-api";
import { columnType } from "./column-types.ts";
import { ColumnError } from "./errors.ts";
import { exactNumber, type ColumnDescription, type RowValue } from "./query-result.ts";
import { identifier } from "./relation-sql.ts";
import { ShortTexts, textWords } from "./short-texts.ts";
import type { AnyColumnArray } from "./table-types.ts";

/** What becomes of nulls in arrays that have no value for them. */
export type NullRule = "refused" | "masked";

interface Reader {
  /** Takes the first rows of a chunk, whose vector this is. */
  read(vector: DuckDBVector, chunk: DuckDBDataChunk, rows: number, firstRow: number): void;
  readonly array: AnyColumnArray;
  readonly nulls: Nulls;
}

/** Is told of each null. */
interface Nulls {
  add(row: number): void;
  readonly mask: NullMask | undefined;
}

/** Which rows have a value: bit `row % 8` of byte `row / 8` is set for these. */
export interface NullMask {
  readonly bits: Uint8Array<ArrayBuffer>;
  readonly nullCount: number;
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

/** Reads the chunks of an {@link arrayQuery} into arrays of a known number of rows. */
export class ArrayReader {
  readonly #columns: readonly ColumnDescription[];
  readonly #readers: readonly Reader[];
  readonly #rows: number;
  /** Rows before these in what the user reads, for errors. */
  readonly #firstRow: number;
  #filled = 0;

  constructor(
    columns: readonly ColumnDescription[],
    rows: number,
    firstRow = 0,
    nulls: NullRule = "refused",
  ) {
    this.#columns = columns;
    this.#rows = rows;
    this.#firstRow = firstRow;
    this.#readers = columns.map((column, index) => {
      const rule = nulls === "masked" ? maskedNulls(rows) : refusedNulls(column.name, firstRow);
      return makeReader(column, index, rows, rule);
    });
  }

  /** Adds a chunk's rows, or its first ones. Throws {@link ColumnError} for a null that an array cannot hold. */
  read(chunk: DuckDBDataChunk, rows = chunk.rowCount): void {
    if (this.#filled + rows > this.#rows) {
      throw new ColumnError(`DuckDB announced ${this.#firstRow + this.#rows} rows and delivered more`);
    }
    for (const [index, reader] of this.#readers.entries()) {
      reader.read(chunk.getColumnVector(index), chunk, rows, this.#filled);
    }
    this.#filled += rows;
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

  /** The masks of the arrays that have nulls, by name. */
  get masks(): ReadonlyMap<string, NullMask> {
    return new Map(
      this.#columns.flatMap(({ name }, index) => {
        const mask = this.#readers[index]?.nulls.mask;
        return mask === undefined ? [] : [[name, mask]];
      }),
    );
  }
}

function refusedNulls(name: string, before: number): Nulls {
  return {
    mask: undefined,
    add: (row) => {
      throw new ColumnError(
        `column "${name}" is null in row ${before + row}, and its array has no value for that: fillNull or filter it, or read rows()`,
      );
    },
  };
}

function maskedNulls(rows: number): Nulls {
  let bits: Uint8Array<ArrayBuffer> | undefined;
  let nullCount = 0;
  return {
    add: (row) => {
      bits ??= new Uint8Array(Math.ceil(rows / 8)).fill(0xff);
      bits[row >> 3] = (bits[row >> 3] ?? 0) & ~(1 << (row & 7));
      nullCount += 1;
    },
    get mask() {
      return bits && { bits, nullCount };
    },
  };
}

function makeReader({ type }: ColumnDescription, column: number, rows: number, nulls: Nulls): Reader {
  const layout = layouts[columnType(type)];
  if (layout === undefined) return valueReader(column, rows, nulls);
  return layout.make === undefined ? textReader(rows, nulls) : numberReader(layout.make(rows), nulls);
}

function numberReader(array: NumberArray | LongArray, nulls: Nulls): Reader {
  return {
    array,
    nulls,
    read: (vector, { rowCount }, rows, firstRow) => {
      const items = itemsOf(vector, rowCount);
      const words = nullWords(vector);
      if (items?.constructor !== array.constructor || words === "unknown") {
        throw new ColumnError(`this version of @duckdb/node-api lays out ${String(vector.type)} otherwise`);
      }
      if (words !== undefined) for (const row of nullRows(words, rows)) nulls.add(firstRow + row);
      // SAFETY: both are arrays of the same class.
      const part = (items as NumberArray).subarray(0, rows);
      (array as { set(items: unknown, offset: number): void }).set(part, firstRow);
    },
  };
}

function textReader(rows: number, nulls: Nulls): Reader {
  const array = Array<RowValue>(rows).fill(null);
  const known = new ShortTexts();
  return {
    array,
    nulls,
    read: (vector, { rowCount }, rows, firstRow) => {
      const words = textWords(vector, rowCount);
      const mask = nullWords(vector);
      const missing = new Set(mask === undefined || mask === "unknown" ? [] : nullRows(mask, rows));
      let row = 0;
      const decode = (): string => {
        const value = vector.getItem(row);
        if (typeof value === "string") return value;
        throw new ColumnError(`this version of @duckdb/node-api lays out ${String(vector.type)} otherwise`);
      };
      for (; row < rows; row++) {
        if (missing.has(row) || (mask === "unknown" && vector.getItem(row) === null)) {
          nulls.add(firstRow + row);
          array[firstRow + row] = null;
        } else {
          array[firstRow + row] = (words && known.at(words, row * 4, decode)) ?? decode();
        }
      }
    },
  };
}

function valueReader(column: number, rows: number, nulls: Nulls): Reader {
  const array = Array.from<RowValue>({ length: rows });
  return {
    array,
    nulls,
    read: (_, chunk, rows, firstRow) => {
      const values = chunk.convertColumnValues(column, JSDuckDBValueConverter).slice(0, rows);
      for (const [row, value] of values.entries()) array[firstRow + row] = exactNumber(value);
    },
  };
}

/** The vector's memory as an array: it is private to the class, and this looks whether it is what we know. */
function itemsOf(vector: DuckDBVector, rows: number): ArrayBufferView | undefined {
  const items: unknown = Reflect.get(vector, "items");
  if (!ArrayBuffer.isView(items) || items instanceof DataView) return undefined;
  return "length" in items && items.length === rows ? items : undefined;
}

/** The words of a vector's null mask, a set bit for each value; undefined where all are there. */
function nullWords(vector: DuckDBVector): BigUint64Array | undefined | "unknown" {
  const validity: unknown = Reflect.get(vector, "validity");
  if (typeof validity !== "object" || validity === null) return "unknown";
  const data: unknown = Reflect.get(validity, "data");
  if (data === null) return undefined;
  return data instanceof BigUint64Array ? data : "unknown";
}

function* nullRows(words: BigUint64Array, rows: number): Generator<number> {
  for (const [index, word] of words.entries()) {
    if (word === 0xffff_ffff_ffff_ffffn) continue;
    for (let row = index * 64; row < Math.min(rows, index * 64 + 64); row++) {
      if (((word >> BigInt(row % 64)) & 1n) === 0n) yield row;
    }
  }
}

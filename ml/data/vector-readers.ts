/** @file What reads a column's vectors, one after the other, into one array. */
import { JSDuckDBValueConverter, type DuckDBDataChunk, type DuckDBVector } from "@duckdb/node-api";
import { ColumnError } from "./errors.ts";
import { copyInto, GrowingArray, type LongArray, type NumberArray } from "./growing-array.ts";
import { KnownTexts, textWords } from "./known-texts.ts";
import { exactNumber, type RowValue } from "./query-result.ts";
import type { AnyColumnArray } from "./table-types.ts";

/** Reads a column; `nulls` is told of each null. */
export interface VectorReader {
  /** Takes the first rows of a chunk, whose vector this is; before them there were `firstRow` others. */
  readonly read: (vector: DuckDBVector, chunk: DuckDBDataChunk, rows: number, firstRow: number) => void;
  /** Makes room for as many rows as are expected in all. */
  readonly reserve: (rows: number) => void;
  /** The array of all rows; none can be read after. */
  readonly finish: () => AnyColumnArray;
}

/** Takes the rows that are null. */
export type OnNull = (row: number) => void;

/** Reads numbers, whose vectors are laid out as the arrays that `make` makes. */
export function numberReader(
  make: (rows: number) => NumberArray | LongArray,
  rows: number | undefined,
  onNull: OnNull,
): VectorReader {
  const array = new GrowingArray(make, rows);
  return {
    read: (vector, { rowCount }, rows, firstRow) => {
      const items = itemsOf(vector, rowCount);
      const words = nullWords(vector);
      const target = array.next(rows);
      if (items?.constructor !== target.constructor || words === "unknown") throw otherLayout(vector);
      if (words !== undefined) for (const row of nullRows(words, rows)) onNull(firstRow + row);
      // SAFETY: it is of the target's class.
      copyInto(target, (items as NumberArray).subarray(0, rows));
    },
    reserve: (expected) => array.reserve(expected),
    finish: () => array.finish(),
  };
}

/** Reads texts. They stay numbers of texts until the end: an array of strings takes the garbage collector's time. */
export function textReader(rows: number | undefined, onNull: OnNull): VectorReader {
  const numbers = new GrowingArray((length) => new Uint32Array(length), rows);
  const known = new KnownTexts();
  return {
    read: (vector, { rowCount }, rows, firstRow) => {
      const words = textWords(vector, rowCount);
      const mask = nullWords(vector);
      if (words === undefined || mask === "unknown") throw otherLayout(vector);
      const decode = (row: number): string => {
        const value = vector.getItem(row);
        if (typeof value === "string") return value;
        throw otherLayout(vector);
      };
      if (mask !== undefined) for (const row of nullRows(mask, rows)) onNull(firstRow + row);
      const valid = mask && new Uint32Array(mask.buffer, mask.byteOffset, mask.length * 2);
      known.read(words, valid, decode, numbers.next(rows));
    },
    reserve: (expected) => numbers.reserve(expected),
    finish: () => textsOf(numbers.finish(), known.texts),
  };
}

/** V8 makes arrays of more places than this slow ones, unless they grow to it. */
const mostPlaces = 2 ** 25;

function textsOf(numbers: Uint32Array, texts: readonly (string | null)[]): RowValue[] {
  const array = Array<RowValue>(Math.min(numbers.length, mostPlaces));
  // By index: Array.from takes four times as long.
  for (let row = 0; row < numbers.length; row++) array[row] = texts[numbers[row] ?? 0] ?? null;
  return array;
}

/** Reads values of any other type, as JavaScript has them. */
export function valueReader(column: number): VectorReader {
  const array: RowValue[] = [];
  return {
    read: (_, chunk, rows) => {
      const values = chunk.convertColumnValues(column, JSDuckDBValueConverter);
      for (let row = 0; row < rows; row++) array.push(exactNumber(values[row] ?? null));
    },
    reserve: () => undefined,
    finish: () => array,
  };
}

function otherLayout(vector: DuckDBVector): ColumnError {
  return new ColumnError(`this version of @duckdb/node-api lays out ${String(vector.type)} otherwise`);
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

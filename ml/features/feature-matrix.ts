/** @file The numbers that features are: a row of float32 for each row of the table. */
import type { SqlOutput } from "./step.ts";

/** Features as a row-major matrix of `rows` by `columns.length`; what is missing is NaN. */
export interface FeatureMatrix {
  readonly data: Float32Array;
  readonly rows: number;
  /** The names of the features. */
  readonly columns: readonly string[];
}

/** What a query gave, by column. */
export type ReadColumns = Readonly<Record<string, ArrayBufferView | readonly unknown[]>>;

/** The columns of a matrix that one array of values fills. */
export interface MatrixPart {
  /** The first of its columns. */
  readonly start: number;
  readonly output: SqlOutput;
}

/** A part of the matrix stays in the cache while all columns are written into it. */
const blockRows = 512;

/** Writes what a query gave for each part into the matrix. */
export function fillParts(
  data: Float32Array,
  width: number,
  parts: readonly (readonly [string, MatrixPart])[],
  columns: ReadColumns,
): void {
  const writers = parts.map(([name, { start, output }]): BlockWriter => {
    const values = columns[name];
    if (values instanceof Float32Array)
      return (first, end) => fillNumbers(data, width, start, values, first, end);
    if (values instanceof Int32Array && output.type === "position")
      return (first, end) => fillPositions(data, width, start, values, first, end);
    throw new RangeError(`the query's column ${name} is of another type than it was read as`);
  });
  const rows = width === 0 ? 0 : data.length / width;
  for (let first = 0; first < rows; first += blockRows)
    for (const write of writers) write(first, Math.min(first + blockRows, rows));
}

type BlockWriter = (first: number, end: number) => void;

function fillNumbers(
  data: Float32Array,
  width: number,
  start: number,
  values: Float32Array,
  first: number,
  end: number,
): void {
  for (let row = first, at = first * width + start; row < end; row++, at += width)
    data[at] = values[row] ?? 0;
}

function fillPositions(
  data: Float32Array,
  width: number,
  start: number,
  positions: Int32Array,
  first: number,
  end: number,
): void {
  for (let row = first, at = first * width + start; row < end; row++, at += width) {
    const position = positions[row] ?? -1;
    if (position >= 0) data[at + position] = 1;
  }
}

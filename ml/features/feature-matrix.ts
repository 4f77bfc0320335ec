/** @file The numbers that features are: a row of float32 for each row of the table. */
import type { Columns, ColumnSchema } from "../data/columns.ts";
import type { SqlOutput } from "./step.ts";

/** Features as a row-major matrix of `rows` by `columns.length`; what is missing is NaN. */
export interface FeatureMatrix {
  readonly data: Float32Array;
  readonly rows: number;
  /** The names of the features. */
  readonly columns: readonly string[];
}

/** The columns of a matrix that one array of values fills. */
export interface MatrixPart {
  /** The first of its columns. */
  readonly start: number;
  readonly output: SqlOutput;
}

/** How the values of a part are read from a query. */
export function readingOf({ type }: SqlOutput): ColumnSchema[string] {
  return type === "position" ? "int32" : "float32";
}

/** Writes what a query gave for each part into the matrix. */
export function fillParts(
  data: Float32Array,
  width: number,
  parts: readonly (readonly [string, MatrixPart])[],
  columns: Columns<ColumnSchema>,
): void {
  for (const [name, { start, output }] of parts) {
    const values = columns[name];
    if (values instanceof Float32Array) fillNumbers(data, width, start, values);
    else if (values instanceof Int32Array && output.type === "position")
      fillPositions(data, width, start, values);
  }
}

function fillNumbers(data: Float32Array, width: number, start: number, values: Float32Array): void {
  for (let row = 0, at = start; row < values.length; row++, at += width) data[at] = values[row] ?? 0;
}

function fillPositions(data: Float32Array, width: number, start: number, positions: Int32Array): void {
  for (let row = 0, at = start; row < positions.length; row++, at += width) {
    const position = positions[row] ?? -1;
    if (position >= 0) data[at + position] = 1;
  }
}

/**
 * @file How a network sees columns: numbers standardised, categories numbered.
 *
 * An encoding is learnt from the training rows once; number 0 is every category that they did not hold.
 */
import { InvalidInputError } from "../errors.ts";
import {
  categoryColumn,
  numericColumn,
  rowCount,
  type CategoryColumn,
  type FeatureColumns,
  type NumericColumn,
} from "./features.ts";

/** What was learnt about a model's input columns. */
export interface Encoding {
  readonly numeric: readonly { readonly name: string; readonly mean: number; readonly deviation: number }[];
  readonly categorical: readonly { readonly name: string; readonly categories: readonly string[] }[];
}

/** Rows ready for training: raw numbers row by row, and each categorical column as category numbers. */
export interface EncodedRows {
  readonly rows: number;
  readonly numeric: Float32Array;
  readonly categories: readonly Int32Array[];
}

/** Learns means, standard deviations (of the population) and categories. */
export function learnEncoding(
  features: FeatureColumns,
  numeric: readonly string[],
  categorical: readonly string[],
): Encoding {
  return {
    numeric: numeric.map((name) => ({ name, ...moments(numericColumn(features, name)) })),
    categorical: categorical.map((name) => ({
      name,
      categories: [...new Set(categoryColumn(features, name))].sort(),
    })),
  };
}

/** Encodes rows. Throws {@link InvalidInputError} when columns are missing, differ in length or hold what can't be used. */
export function encodeRows(features: FeatureColumns, encoding: Encoding): EncodedRows {
  const numeric = encoding.numeric.map(({ name }) => [name, numericColumn(features, name)] as const);
  const categorical = encoding.categorical.map(({ name }) => [name, categoryColumn(features, name)] as const);
  const rows = rowCount([...numeric, ...categorical]);
  return {
    rows,
    numeric: interleave(
      numeric.map(([, column]) => column),
      rows,
    ),
    categories: categorical.map(([, column], index) =>
      numberCategories(column, encoding.categorical[index]?.categories ?? []),
    ),
  };
}

function interleave(columns: readonly NumericColumn[], rows: number): Float32Array {
  const matrix = new Float32Array(rows * columns.length);
  for (const [index, column] of columns.entries()) {
    for (let row = 0; row < rows; row++) matrix[row * columns.length + index] = column[row] ?? 0;
  }
  return matrix;
}

function numberCategories(column: CategoryColumn, categories: readonly string[]): Int32Array {
  const numbers = new Map(categories.map((category, index) => [category, index + 1]));
  return Int32Array.from(column, (category) => numbers.get(category) ?? 0);
}

function moments(column: NumericColumn): { mean: number; deviation: number } {
  if (column.length === 0) throw new InvalidInputError("there are no rows to learn from");
  let sum = 0;
  for (let row = 0; row < column.length; row++) sum += column[row] ?? 0;
  const mean = sum / column.length;
  let squares = 0;
  for (let row = 0; row < column.length; row++) squares += ((column[row] ?? 0) - mean) ** 2;
  const deviation = Math.sqrt(squares / column.length);
  // A constant column carries nothing; dividing by 1 keeps it at zero.
  return { mean, deviation: deviation > 0 ? deviation : 1 };
}

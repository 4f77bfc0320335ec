/**
 * @file Columns of features: their types, and the checks that every use of them makes.
 *
 * Numeric columns hold finite numbers only; all columns of one set have the same number of rows.
 */
import { InvalidInputError } from "../errors.ts";

/** A column of numbers. */
export type NumericColumn = Float32Array | Float64Array | Int32Array | Uint8Array | readonly number[];

/** A column of categories. */
export type CategoryColumn = readonly string[];

/** The columns that a model with these numeric and categorical inputs takes. */
export type Features<Numeric extends string, Categorical extends string> = {
  readonly [Name in Numeric]: NumericColumn;
} & { readonly [Name in Categorical]: CategoryColumn };

/** Columns by name, where the names are known only when the program runs. */
export type FeatureColumns = Readonly<Record<string, NumericColumn | CategoryColumn>>;

/** The numeric column of that name; throws {@link InvalidInputError} when it is missing or not all finite numbers. */
export function numericColumn(features: FeatureColumns, name: string): NumericColumn {
  const column = columnOf(features, name);
  for (let row = 0; row < column.length; row++) {
    const value = column[row];
    // What overflows float32 would become infinite in the network.
    if (typeof value !== "number" || !Number.isFinite(Math.fround(value))) {
      throw new InvalidInputError(
        `column "${name}" holds ${String(value)} in row ${row}: fill or filter what isn't a finite (float32) number`,
      );
    }
  }
  // SAFETY: every entry was just seen to be a number.
  return column as NumericColumn;
}

/** The categorical column of that name; throws {@link InvalidInputError} when it is missing or not all strings. */
export function categoryColumn(features: FeatureColumns, name: string): CategoryColumn {
  const column = columnOf(features, name);
  for (let row = 0; row < column.length; row++) {
    if (typeof column[row] !== "string") {
      throw new InvalidInputError(
        `column "${name}" holds ${String(column[row])} in row ${row}, which isn't a string`,
      );
    }
  }
  // SAFETY: every entry was just seen to be a string.
  return column as CategoryColumn;
}

/** The number of rows that all these columns have; throws {@link InvalidInputError} when they differ. */
export function rowCount(
  columns: readonly (readonly [name: string, column: { readonly length: number }])[],
): number {
  const [first] = columns;
  if (!first) throw new InvalidInputError("there are no columns");
  for (const [name, column] of columns) {
    if (column.length !== first[1].length) {
      throw new InvalidInputError(
        `column "${name}" has ${column.length} rows and "${first[0]}" has ${first[1].length}: they must be equal`,
      );
    }
  }
  return first[1].length;
}

function columnOf(features: FeatureColumns, name: string): NumericColumn | CategoryColumn {
  const column = Object.hasOwn(features, name) ? features[name] : undefined;
  if (!column) {
    throw new InvalidInputError(
      `there is no column "${name}"; there are: ${Object.keys(features).join(", ")}`,
    );
  }
  return column;
}

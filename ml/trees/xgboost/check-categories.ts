import type { DenseMatrix } from "../../dense-matrix.ts";
import { InvalidInputError } from "../../errors.ts";

/** The largest whole number up to which float32, in which XGBoost keeps categories, has all. */
const mostCategory = 2 ** 24 - 1;

/** @throws {@link InvalidInputError} where a column of categories holds what is no whole number from 0, nor NaN */
export function checkCategories({ data, rows, columns }: DenseMatrix, categorical: Iterable<number>): void {
  for (const column of categorical) {
    for (let row = 0; row < rows; row++) {
      const value = data[row * columns.length + column] ?? Number.NaN;
      if (Number.isNaN(value) || (Number.isInteger(value) && value >= 0 && value <= mostCategory)) continue;
      throw new InvalidInputError(
        `column "${columns[column]}" is of categories and holds ${value} in row ${row}: they are whole numbers from 0 to ${mostCategory}`,
      );
    }
  }
}

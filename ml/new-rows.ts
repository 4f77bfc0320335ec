import { checkWidth, type DenseMatrix } from "./dense-matrix.ts";
import { InvalidInputError } from "./errors.ts";

/**
 * Checks rows that a model is to predict, of which there may be none.
 * @throws {@link InvalidInputError} where they have other columns than the model, or a number isn't finite
 */
export function checkNewRows(rows: DenseMatrix, fitted: readonly string[]): void {
  checkWidth(rows, fitted);
  const { data, columns } = rows;
  // NaN and infinities stay what they are in a sum of differences from themselves.
  let sum = 0;
  for (let at = 0; at < data.length; at++) {
    const value = data[at] ?? 0;
    sum += value - value;
  }
  if (sum === 0) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  throw new InvalidInputError(
    `column "${columns[at % columns.length]}" holds ${data[at]} in row ${Math.floor(at / columns.length)}: impute or filter what isn't a finite number`,
  );
}

/** @file What is to be predicted, row by row: classes or numbers. */
import { InvalidInputError } from "./errors.ts";

/** A class for each row. */
export type ClassTarget =
  readonly (string | number | boolean)[] | Uint8Array | Int32Array | Float32Array | Float64Array;

/** A number for each row. */
export type NumericTarget = readonly number[] | Uint8Array | Int32Array | Float32Array | Float64Array;

/** Classes in ascending order, each row's by its place among them. */
export interface ClassCodes {
  readonly classes: readonly (string | number | boolean)[];
  readonly codes: Int32Array;
  /** Rows of each class. */
  readonly counts: Int32Array;
}

/**
 * Numbers the classes of a target.
 * @throws {@link InvalidInputError} where the rows are not as many, a class is NaN, or there are fewer than two classes
 */
export function classCodes(target: ClassTarget, rows: number): ClassCodes {
  checkLength(target.length, rows);
  const places = new Map<string | number | boolean, number>();
  const seen: Int32Array = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const value = target[row];
    if (value === undefined || value === null || Number.isNaN(value))
      throw new InvalidInputError(`the target of row ${row} is ${String(value)}, which is no class`);
    let place = places.get(value);
    if (place === undefined) {
      place = places.size;
      places.set(value, place);
    }
    seen[row] = place;
  }
  if (places.size < 2)
    throw new InvalidInputError(`the target has ${places.size} classes: at least 2 are needed`);
  const found = [...places.keys()];
  const order = Array.from(found.keys()).sort((a, b) => compare(found[a], found[b]));
  const ranks = new Int32Array(order.length);
  for (const [rank, place] of order.entries()) ranks[place] = rank;
  const codes = seen.map((place) => ranks[place] ?? 0);
  const counts = new Int32Array(order.length);
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return { classes: order.flatMap((place) => found[place] ?? []), codes, counts };
}

/**
 * The numbers of a target as doubles.
 * @throws {@link InvalidInputError} where the rows are not as many, or a number isn't finite
 */
export function targetNumbers(target: NumericTarget, rows: number): Float64Array {
  checkLength(target.length, rows);
  const numbers = Float64Array.from(target);
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new InvalidInputError(`the target of row ${bad} is ${target[bad]}, which isn't a finite number`);
  return numbers;
}

/**
 * A target that must be one of numbers.
 * @throws {@link InvalidInputError} for texts
 */
export function numericTarget(target: ClassTarget): NumericTarget {
  // SAFETY: what is no array is one of the typed ones; isArray() doesn't tell that of readonly arrays.
  if (!Array.isArray(target)) return target as Exclude<ClassTarget, readonly unknown[]>;
  return target.map((value, row) => {
    if (typeof value !== "string") return Number(value);
    throw new InvalidInputError(`the target of row ${row} is "${value}", where a number is needed`);
  });
}

function checkLength(length: number, rows: number): void {
  if (length !== rows)
    throw new InvalidInputError(
      `the target has ${length} rows and the matrix has ${rows}: they must be equal`,
    );
}

function compare(a: string | number | boolean | undefined, b: string | number | boolean | undefined): number {
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : 1;
  return Number(a) - Number(b);
}

/** @file What happened beside what was said, class by class: the table that every measure of said classes is made of. */
import { InvalidInputError } from "../../errors.ts";
import type { ClassLabel } from "../../estimator.ts";
import type { ClassTarget } from "../../target.ts";
import { checkWeights, type WeightOptions } from "../weights.ts";

/** The weight of the rows of each class that were said to be of each class. */
export interface ClassTable {
  /** All classes that happened or were said, in ascending order. */
  readonly classes: readonly ClassLabel[];
  /** Row-major: what happened by what was said. */
  readonly counts: Float64Array;
  /** The weight of the rows of each class. */
  readonly happened: Float64Array;
  /** The weight of the rows that were said to be of each class. */
  readonly said: Float64Array;
  /** The weight of the rows of each class that were said to be of it. */
  readonly right: Float64Array;
  /** The weight of all rows. */
  readonly total: number;
}

/**
 * Counts classes that happened by classes that were said. Labels 1 and true, 0 and false are the same.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, a missing class, bad weights
 */
export function classTable(
  truth: ClassTarget,
  predicted: ClassTarget,
  { weights }: WeightOptions = {},
): ClassTable {
  const rows = truth.length;
  if (rows === 0) throw new InvalidInputError("there are no rows to evaluate");
  if (predicted.length !== rows)
    throw new InvalidInputError(
      `there are ${rows} true classes and ${predicted.length} predicted ones: they must be equal`,
    );
  checkWeights(weights, rows);
  const places = new Map<ClassLabel, number>();
  const trueCodes = codesIn(places, truth, "true");
  const saidCodes = codesIn(places, predicted, "predicted");
  const found = [...places.keys()];
  const sorted = found.toSorted(ascending);
  const ranks = found.map((label) => sorted.indexOf(label));
  const width = sorted.length;
  const counts = new Float64Array(width * width);
  for (let row = 0; row < rows; row++) {
    const at = (ranks[trueCodes[row] ?? 0] ?? 0) * width + (ranks[saidCodes[row] ?? 0] ?? 0);
    counts[at] = (counts[at] ?? 0) + (weights === undefined ? 1 : (weights[row] ?? 0));
  }
  return { classes: sorted, counts, ...marginsOf(counts, width) };
}

function marginsOf(counts: Float64Array, width: number): Omit<ClassTable, "classes" | "counts"> {
  const happened = new Float64Array(width);
  const said = new Float64Array(width);
  const right = new Float64Array(width);
  let total = 0;
  for (let at = 0; at < counts.length; at++) {
    const count = counts[at] ?? 0;
    const [row, column] = [Math.floor(at / width), at % width];
    happened[row] = (happened[row] ?? 0) + count;
    said[column] = (said[column] ?? 0) + count;
    if (row === column) right[row] = count;
    total += count;
  }
  return { happened, said, right, total };
}

/** The place of each row's class in the order of appearance; numbers of small size are looked up in a list. */
function codesIn(places: Map<ClassLabel, number>, values: ClassTarget, which: string): Uint32Array {
  const codes = new Uint32Array(values.length);
  if (values instanceof Int32Array || values instanceof Uint8Array) {
    fillCodes(codes, places, values);
    return codes;
  }
  const known = new Int32Array(smallest).fill(-1);
  for (let row = 0; row < values.length; row++) {
    const value = plain(values[row]);
    const isSmall = typeof value === "number" && value >= 0 && value < smallest && Number.isInteger(value);
    let place = isSmall ? known[value] : places.get(value ?? Number.NaN);
    if (place === undefined || place < 0) {
      if (value === undefined || Number.isNaN(value))
        throw new InvalidInputError(
          `the ${which} class of row ${row} is ${String(values[row])}, which is none`,
        );
      place = places.get(value) ?? places.size;
      places.set(value, place);
      if (isSmall) known[value] = place;
    }
    codes[row] = place;
  }
  return codes;
}

/** Whole numbers need no checks. */
function fillCodes(
  codes: Uint32Array,
  places: Map<ClassLabel, number>,
  values: Int32Array | Uint8Array,
): void {
  const known = new Int32Array(smallest).fill(-1);
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? 0;
    let place = value >= 0 && value < smallest ? (known[value] ?? -1) : -1;
    if (place < 0) {
      place = places.get(value) ?? places.size;
      places.set(value, place);
      if (value >= 0 && value < smallest) known[value] = place;
    }
    codes[row] = place;
  }
}

const smallest = 256;

/** True and false are the classes 1 and 0, as in labels. */
export function plain(value: ClassLabel | undefined | null): string | number | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  return value ?? undefined;
}

/** The order of classes: numbers by size, texts by their characters. */
export function ascending(a: ClassLabel, b: ClassLabel): number {
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a === b ? 0 : 1;
  return Number(a) - Number(b);
}

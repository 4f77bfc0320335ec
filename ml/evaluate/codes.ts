import { InvalidInputError } from "../errors.ts";
import type { ClassTarget } from "../target.ts";

/** Values numbered in ascending order. */
export interface Codes {
  readonly codes: Uint32Array;
  readonly counts: Uint32Array;
}

/** Numbers what `what` (groups, classes) each row has, in ascending order; one value only is fine. */
export function codesOf(what: string, values: ClassTarget | undefined, rows: number): Codes {
  if (values === undefined) throw new InvalidInputError(`this split needs the ${what} of each row`);
  if (values.length !== rows)
    throw new InvalidInputError(`there are ${values.length} ${what} and ${rows} rows: they must be equal`);
  const small = smallCodes(values);
  if (small) return small;
  const places = new Map<string | number | boolean, number>();
  const seen = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const value = values[row];
    if (value === undefined || value === null || Number.isNaN(value))
      throw new InvalidInputError(`the ${what} of row ${row} are missing`);
    let place = places.get(value);
    if (place === undefined) {
      place = places.size;
      places.set(value, place);
    }
    seen[row] = place;
  }
  const found = [...places.keys()];
  const order = [...found.keys()].sort((a, b) => (isBelow(found[a], found[b]) ? -1 : 1));
  const ranks = new Uint32Array(order.length);
  for (const [rank, place] of order.entries()) ranks[place] = rank;
  const codes = seen.map((place) => ranks[place] ?? 0);
  const counts = new Uint32Array(order.length);
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return { codes, counts };
}

const mostSmall = 1 << 16;

/** As {@link codesOf} for whole numbers from 0 to 65,535 in an array of such: by a list instead of a map. */
function smallCodes(values: ClassTarget): Codes | undefined {
  if (!(values instanceof Int32Array || values instanceof Uint8Array)) return undefined;
  let [lowest, largest] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? 0;
    if (value > largest) largest = value;
    if (value < lowest) lowest = value;
  }
  if (lowest < 0 || largest >= mostSmall) return undefined;
  const counted = new Uint32Array(largest + 1);
  for (let row = 0; row < values.length; row++)
    counted[values[row] ?? 0] = (counted[values[row] ?? 0] ?? 0) + 1;
  const ranks = new Uint32Array(largest + 1);
  let classes = 0;
  for (let value = 0; value <= largest; value++) {
    ranks[value] = classes;
    if ((counted[value] ?? 0) > 0) classes += 1;
  }
  const codes = new Uint32Array(values.length);
  for (let row = 0; row < values.length; row++) codes[row] = ranks[values[row] ?? 0] ?? 0;
  return { codes, counts: counted.filter((count) => count > 0) };
}

function isBelow(
  a: string | number | boolean | undefined,
  b: string | number | boolean | undefined,
): boolean {
  if (typeof a === "string" && typeof b === "string") return a < b;
  return Number(a) < Number(b);
}

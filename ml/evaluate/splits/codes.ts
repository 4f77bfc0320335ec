import { InvalidInputError } from "../../errors.ts";
import type { ClassTarget } from "../../target.ts";

/** Values numbered in ascending order, and the same in order of appearance. */
export interface Codes {
  readonly codes: Uint32Array;
  readonly counts: Uint32Array;
}

/** Numbers what `what` (groups, classes) each row has, in ascending order; one value only is fine. */
export function codesOf(what: string, values: ClassTarget | undefined, rows: number): Codes {
  if (values === undefined) throw new InvalidInputError(`this split needs the ${what} of each row`);
  if (values.length !== rows)
    throw new InvalidInputError(`there are ${values.length} ${what} and ${rows} rows: they must be equal`);
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

function isBelow(
  a: string | number | boolean | undefined,
  b: string | number | boolean | undefined,
): boolean {
  if (typeof a === "string" && typeof b === "string") return a < b;
  return Number(a) < Number(b);
}

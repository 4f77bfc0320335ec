/** @file How two groupings of the same rows overlap. */
import { InvalidInputError } from "../../errors.ts";
import type { ClassTarget } from "../../target.ts";
import { codesOf } from "../codes.ts";

/** The rows that each pair of groups shares; pairs that share none are left out. */
export interface Contingency {
  readonly cells: readonly { readonly a: number; readonly b: number; readonly count: number }[];
  /** Rows of each group of the one and of the other grouping. */
  readonly ofA: Uint32Array;
  readonly ofB: Uint32Array;
  readonly rows: number;
}

const mostCells = 1 << 20;

/**
 * Counts the rows that groups share.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, a missing group
 */
export function contingency(truth: ClassTarget, clusters: ClassTarget): Contingency {
  const rows = truth.length;
  if (rows === 0) throw new InvalidInputError("there are no rows to evaluate");
  const a = codesOf("classes", truth, rows);
  const b = codesOf("clusters", clusters, rows);
  const width = b.counts.length;
  const counts = new Map<number, number>();
  // Of few groups a table is many times faster than a map.
  const table = new Float64Array(a.counts.length * width <= mostCells ? a.counts.length * width : 0);
  for (let row = 0; row < rows; row++) {
    const cell = (a.codes[row] ?? 0) * width + (b.codes[row] ?? 0);
    if (table.length > 0) table[cell] = (table[cell] ?? 0) + 1;
    else counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  for (const [cell, count] of table.entries()) if (count > 0) counts.set(cell, count);
  const cells = Array.from(counts, ([cell, count]) => ({
    a: Math.floor(cell / width),
    b: cell % width,
    count,
  }));
  return { cells, ofA: a.counts, ofB: b.counts, rows };
}

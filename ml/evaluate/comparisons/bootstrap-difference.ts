import { bootstrapInterval, type BootstrapInterval, type BootstrapOptions } from "../intervals/bootstrap.ts";
import type { RowArray } from "../../row-selection.ts";

/** The interval of a difference with its p-value. */
export interface BootstrapDifference extends BootstrapInterval {
  /** Two-sided: twice the smaller share of draws (and one more) on either side of zero. */
  readonly pValue: number;
}

/**
 * Whether a difference of two measures on the same rows is more than chance: its bootstrap interval, and a p-value by how many
 * draws fall on the other side of zero (Efron and Tibshirani, 1993, section 16.4 turned around).
 * @throws {@link InvalidInputError} as {@link bootstrapInterval}
 * @example await bootstrapDifference([labels, a, b], (labels, a, b) => rocAuc(labels, a) - rocAuc(labels, b))
 */
export async function bootstrapDifference<const Arrays extends readonly [RowArray, ...RowArray[]]>(
  arrays: Arrays,
  difference: (...drawn: Arrays) => number,
  options: BootstrapOptions = {},
): Promise<BootstrapDifference> {
  const interval = await bootstrapInterval(arrays, difference, options);
  const draws = interval.distribution;
  const atMost = draws.reduce((count, value) => count + (value <= 0 ? 1 : 0), 0);
  const atLeast = draws.reduce((count, value) => count + (value >= 0 ? 1 : 0), 0);
  return { ...interval, pValue: Math.min(1, (2 * (Math.min(atMost, atLeast) + 1)) / (draws.length + 1)) };
}

/** @file How far a distribution has moved from another, from what was counted of each. */
import { populationStabilityIndex } from "../data/compare/distances.ts";
import { InvalidInputError } from "../errors.ts";
import { requireCount } from "../settings.ts";
import { CategoryCounts } from "./category-counts.ts";
import type { NumberSketch } from "./number-sketch.ts";

/** A column's values, counted. */
export type Counted = NumberSketch | CategoryCounts;

/** How far a distribution has moved. */
export interface Drift {
  /**
   * The population stability index: below 0.1 is usually called stable, above 0.25 shifted. NaN where a side has no values.
   */
  readonly psi: number;
  /** Counts of the reference in each bin: first missing values, where either side has some, then rising. */
  readonly reference: readonly number[];
  /** Counts of the other in the same bins. */
  readonly current: readonly number[];
}

/**
 * The population stability index of what was counted against a reference, in bins of about as many of the reference's
 * numbers each, or one for each number where there are no more than bins, or by category. The bounds of the bins lie where the sketches' buckets do, within 0.1 % of the quantiles.
 * @throws {InvalidInputError} for numbers against categories
 */
export function drift(reference: Counted, current: Counted, options: { readonly bins?: number } = {}): Drift {
  const { bins = 10 } = options;
  requireCount("bins", bins);
  if (reference instanceof CategoryCounts) {
    if (current instanceof CategoryCounts) return categoryDrift(reference, current);
  } else if (!(current instanceof CategoryCounts)) return numberDrift(reference, current, bins);
  throw new InvalidInputError("numbers can't be compared with categories");
}

function categoryDrift(reference: CategoryCounts, current: CategoryCounts): Drift {
  const names = [...new Set([...reference.categories(), ...current.categories()])];
  const isBeyond = reference.others > 0 || current.others > 0;
  const first = [...names.map((name) => reference.of(name)), ...(isBeyond ? [reference.others] : [])];
  const second = [...names.map((name) => current.of(name)), ...(isBeyond ? [current.others] : [])];
  return { psi: populationStabilityIndex(first, second), reference: first, current: second };
}

function numberDrift(reference: NumberSketch, current: NumberSketch, bins: number): Drift {
  const buckets = new Map<number, { first: number; second: number }>();
  for (const [position, first] of reference.bins()) buckets.set(position, { first, second: 0 });
  for (const [position, second] of current.bins()) {
    const found = buckets.get(position);
    if (found) found.second = second;
    else buckets.set(position, { first: 0, second });
  }
  const rising = Array.from(buckets).sort(([left], [right]) => left - right);
  const isMissing = reference.missing > 0 || current.missing > 0;
  const [first, second] = isMissing ? [[reference.missing], [current.missing]] : [[], []];
  // Of few values each is a bin of its own, as a category is; what the reference never had stands apart then.
  const isDiscrete = rising.filter(([, counts]) => counts.first > 0).length <= bins;
  let [before, inBin, others] = [0, 0, 0];
  let edge = 1;
  for (const [, counts] of rising) {
    before += counts.first;
    inBin += counts.first;
    others += counts.second;
    // The last bin takes all that is above the reference's last quantile, also what the reference never had.
    if (!isDiscrete && (edge >= bins || before < (edge * reference.count) / bins)) continue;
    first.push(inBin);
    second.push(others);
    [inBin, others] = [0, 0];
    while (edge < bins && before >= (edge * reference.count) / bins) edge += 1;
  }
  if (inBin > 0 || others > 0) {
    first.push(inBin);
    second.push(others);
  }
  return { psi: populationStabilityIndex(first, second), reference: first, current: second };
}

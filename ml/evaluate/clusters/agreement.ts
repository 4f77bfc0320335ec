/** @file How well a grouping agrees with a known one. Definitions follow scikit-learn's. */
import type { ClassTarget } from "../../target.ts";
import { contingency, type Contingency } from "./contingency.ts";

/**
 * The Rand index adjusted for chance (Hubert and Arabie, 1985): 1 for equal groupings, about 0 for random ones. As
 * scikit-learn's `adjusted_rand_score`.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, a missing group
 */
export function adjustedRand(truth: ClassTarget, clusters: ClassTarget): number {
  const { both, ofA, ofB, all } = pairsOf(contingency(truth, clusters));
  const expected = (ofA * ofB) / all;
  // Neither tears apart what the other joins.
  if (both === ofA && both === ofB) return 1;
  return (both - expected) / ((ofA + ofB) / 2 - expected);
}

/**
 * The geometric mean of pairwise precision and recall (Fowlkes and Mallows, 1983). As scikit-learn's
 * `fowlkes_mallows_score`.
 * @throws {@link InvalidInputError} as {@link adjustedRand}
 */
export function fowlkesMallows(truth: ClassTarget, clusters: ClassTarget): number {
  const { both, ofA, ofB } = pairsOf(contingency(truth, clusters));
  return both === 0 ? 0 : Math.sqrt(both / ofA) * Math.sqrt(both / ofB);
}

/** Pairs of rows that are in one group of both groupings, of the one, of the other, and all pairs. */
function pairsOf({ cells, ofA, ofB, rows }: Contingency): {
  readonly both: number;
  readonly ofA: number;
  readonly ofB: number;
  readonly all: number;
} {
  const pairs = (count: number): number => (count * (count - 1)) / 2;
  return {
    both: cells.reduce((sum, { count }) => sum + pairs(count), 0),
    ofA: ofA.reduce((sum, count) => sum + pairs(count), 0),
    ofB: ofB.reduce((sum, count) => sum + pairs(count), 0),
    all: pairs(rows),
  };
}

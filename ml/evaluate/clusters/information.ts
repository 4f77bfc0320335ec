/** @file What a grouping tells of a known one, in information. Definitions follow scikit-learn's. */
import { logGamma } from "../../special-functions.ts";
import type { ClassTarget } from "../../target.ts";
import { contingency, type Contingency } from "./contingency.ts";

/** Settings of normalized information. */
export interface InformationOptions {
  /** The mean of the two entropies that is the whole; `"arithmetic"` where absent. */
  readonly average?: "min" | "geometric" | "arithmetic" | "max";
}

/**
 * The mutual information of two groupings as a share of their entropy. As scikit-learn's `normalized_mutual_info_score`.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, a missing group
 */
export function normalizedMutualInformation(
  truth: ClassTarget,
  clusters: ClassTarget,
  { average = "arithmetic" }: InformationOptions = {},
): number {
  const table = contingency(truth, clusters);
  if (table.ofA.length === 1 && table.ofB.length === 1) return 1;
  const shared = mutualInformation(table);
  return shared === 0 ? 0 : shared / averageOf(average, entropy(table.ofA), entropy(table.ofB));
}

/**
 * As {@link normalizedMutualInformation}, adjusted for chance (Vinh, Epps and Bailey, 2010): about 0 for random groupings,
 * however many groups there are. As scikit-learn's `adjusted_mutual_info_score`. Takes time in proportion to the number of
 * pairs of groups and their size.
 * @throws {@link InvalidInputError} as {@link normalizedMutualInformation}
 */
export function adjustedMutualInformation(
  truth: ClassTarget,
  clusters: ClassTarget,
  { average = "arithmetic" }: InformationOptions = {},
): number {
  const table = contingency(truth, clusters);
  if (table.ofA.length === 1 && table.ofB.length === 1) return 1;
  if (table.ofA.length === 1 || table.ofB.length === 1) return 0;
  const expected = expectedInformation(table);
  const whole = averageOf(average, entropy(table.ofA), entropy(table.ofB));
  return awayFromZero(mutualInformation(table) - expected) / awayFromZero(whole - expected);
}

/** How two groupings tell of one another. */
export interface Homogeneity {
  /** 1 where each cluster holds one class only. */
  readonly homogeneity: number;
  /** 1 where each class is in one cluster only. */
  readonly completeness: number;
  /** Their harmonic mean, in which completeness counts `beta` times. */
  readonly vMeasure: number;
}

/**
 * Homogeneity, completeness and V-measure (Rosenberg and Hirschberg, 2007). As scikit-learn's
 * `homogeneity_completeness_v_measure`.
 * @throws {@link InvalidInputError} as {@link normalizedMutualInformation}
 */
export function homogeneityCompleteness(truth: ClassTarget, clusters: ClassTarget, beta = 1): Homogeneity {
  const table = contingency(truth, clusters);
  const shared = mutualInformation(table);
  const share = (whole: number): number => (whole === 0 ? 1 : shared / whole);
  const homogeneity = share(entropy(table.ofA));
  const completeness = share(entropy(table.ofB));
  const sum = beta * homogeneity + completeness;
  return {
    homogeneity,
    completeness,
    vMeasure: sum === 0 ? 0 : ((1 + beta) * homogeneity * completeness) / sum,
  };
}

function entropy(counts: Uint32Array): number {
  if (counts.length === 1) return 0;
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count) => sum - (count / rows) * Math.log(count / rows), 0);
}

function mutualInformation({ cells, ofA, ofB, rows }: Contingency): number {
  const sum = cells.reduce((all, { a, b, count }) => {
    const independent = ((ofA[a] ?? 0) / rows) * ((ofB[b] ?? 0) / rows);
    return all + (count / rows) * Math.log(count / rows / independent);
  }, 0);
  // What is left of independent groupings is rounding.
  return sum < Number.EPSILON * 8 ? 0 : sum;
}

/** The mean of the mutual information over all groupings of these sizes: equation 24a of Vinh, Epps and Bailey. */
function expectedInformation({ ofA, ofB, rows }: Contingency): number {
  const logFactorial = new Float64Array(rows + 1);
  for (let count = 2; count <= rows; count++) logFactorial[count] = logGamma(count + 1);
  const fact = (count: number): number => logFactorial[count] ?? 0;
  let sum = 0;
  for (const a of ofA) {
    for (const b of ofB) {
      const fixed = fact(a) + fact(b) + fact(rows - a) + fact(rows - b) - fact(rows);
      for (let shared = Math.max(1, a + b - rows); shared <= Math.min(a, b); shared++) {
        const chance = Math.exp(
          fixed - fact(shared) - fact(a - shared) - fact(b - shared) - fact(rows - a - b + shared),
        );
        sum += (shared / rows) * Math.log((rows * shared) / (a * b)) * chance;
      }
    }
  }
  return sum;
}

function averageOf(average: "min" | "geometric" | "arithmetic" | "max", a: number, b: number): number {
  switch (average) {
    case "min":
      return Math.min(a, b);
    case "geometric":
      return Math.sqrt(a * b);
    case "arithmetic":
      return (a + b) / 2;
    case "max":
      return Math.max(a, b);
  }
}

function awayFromZero(value: number): number {
  return value < 0 ? Math.min(value, -Number.EPSILON) : Math.max(value, Number.EPSILON);
}

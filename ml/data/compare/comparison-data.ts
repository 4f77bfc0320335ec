/** @file What a comparison of two tables says, as plain JSON data with a version. */
import type { ProfileValue } from "../profile/profile-data.ts";

/** What is compared of a column on each side; null where it is not defined. */
export interface ColumnSide {
  readonly type: string;
  readonly rows: number;
  readonly missing: number;
  readonly distinct: { readonly count: number; readonly approximate: boolean };
  /** Of numbers. */
  readonly mean: number | null;
  readonly standardDeviation: number | null;
  readonly median: number | null;
  /** Of numbers and dates. */
  readonly min: ProfileValue | null;
  readonly max: ProfileValue | null;
}

/** How far two distributions are apart. `a` is what is expected, `b` what came. */
export interface Distances {
  /**
   * Population stability index: Σ (bᵢ - aᵢ) ln(bᵢ / aᵢ) over shares, none taken below 0.0001. Below 0.1 is usually called
   * stable, above 0.25 a shift.
   */
  readonly psi: number;
  /** Jensen-Shannon distance: the square root of the divergence in bits; 0 for equal shares, 1 for disjoint ones. */
  readonly jensenShannon: number;
}

/** The two-sample Kolmogorov-Smirnov test: the greatest distance of the distribution functions. */
export interface KolmogorovSmirnov {
  readonly statistic: number;
  /** Asymptotic: Kolmogorov's distribution at √(mn / (m + n)) times the statistic. */
  readonly pValue: number;
  /** The values of the samples that were compared, where not all were. */
  readonly sampled?: readonly [a: number, b: number];
}

/** Pearson's χ² test that both have the same shares, without a correction for continuity. */
export interface ChiSquare {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
}

/** The distributions of numbers or dates. */
export interface NumberDistribution extends Distances {
  readonly kind: "number" | "date";
  /** Counts in equal bins over the range of both, to be drawn. */
  readonly histogram: {
    readonly edges: readonly number[];
    readonly a: readonly number[];
    readonly b: readonly number[];
  };
  /** The deciles of `a`, and the counts between them that the distances are computed from; a value on a cut is above it. */
  readonly bins: {
    readonly cuts: readonly number[];
    readonly a: readonly number[];
    readonly b: readonly number[];
  };
  readonly kolmogorovSmirnov: KolmogorovSmirnov;
}

/** The distributions of categories. */
export interface CategoryDistribution extends Distances {
  readonly kind: "category";
  /** The values of both, most frequent in `a` first. */
  readonly levels: readonly ProfileValue[];
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** How many levels, the rarest, were put together for the distances and the test: those with an expected count below 5. */
  readonly pooledLevels: number;
  /** Absent where one level is left. */
  readonly chiSquare?: ChiSquare;
}

/** A column that both tables have. */
export interface ComparedColumn {
  readonly name: string;
  readonly a: ColumnSide;
  readonly b: ColumnSide;
  /** Absent where the types do not compare, a side has no values, or there are too many different ones. */
  readonly distribution?: NumberDistribution | CategoryDistribution;
}

/** How the columns differ. */
export interface SchemaDifferences {
  readonly onlyA: readonly { readonly name: string; readonly type: string }[];
  readonly onlyB: readonly { readonly name: string; readonly type: string }[];
  readonly typeChanges: readonly { readonly name: string; readonly a: string; readonly b: string }[];
  /** Whether the columns that both have stand in another order. */
  readonly reordered: boolean;
}

/** Which rows both tables have, by their keys. */
export interface KeyOverlap {
  readonly key: readonly string[];
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  /** Keys that occur more than once; their rows' values are not compared. */
  readonly repeatedA: number;
  readonly repeatedB: number;
  /** Rows without a whole key. */
  readonly keylessA: number;
  readonly keylessB: number;
  /** Of the rows that both have once: how many differ, column by column. */
  readonly comparedRows: number;
  readonly changedRows: number;
  readonly changes: readonly { readonly column: string; readonly rows: number }[];
}

/** What a finding is about. */
export type FindingCode =
  | "column-missing"
  | "column-new"
  | "type-changed"
  | "distribution-shifted"
  | "missing-changed"
  | "new-values"
  | "key-repeated";

/** Something that differs so much that a person should look. */
export interface ComparisonFinding {
  readonly code: FindingCode;
  readonly severity: "warning" | "note";
  readonly column: string;
  readonly message: string;
}

/** A comparison; see `compare`. */
export interface ComparisonData {
  readonly format: "tenon.comparison";
  readonly version: 1;
  /** What the tables are called. */
  readonly names: readonly [a: string, b: string];
  readonly rows: readonly [a: number, b: number];
  readonly schema: SchemaDifferences;
  readonly columns: readonly ComparedColumn[];
  readonly overlap?: KeyOverlap;
  readonly findings: readonly ComparisonFinding[];
}

/**
 * @file What a profile says, as plain JSON data with a version: it may be stored, sent and read again.
 *
 * A missing value is a null or a NaN. Statistics of numbers are of the finite values: infinite ones are counted and left
 * out. Whatever was not computed from all rows says so (`approximate`, `sampledRows`).
 */

/** A value as JSON holds it: dates in ISO 8601, integers beyond 2^53 and values of other types as text. */
export type ProfileValue = string | number | boolean;

/** What a column is to a profile. A category is text that repeats few values; see `profile`. */
export type ProfileKind = "number" | "boolean" | "date" | "category" | "text" | "other";

/** How many different values there are. */
export interface DistinctCount {
  readonly count: number;
  /** True where the count is an estimate, within about 2 %. */
  readonly approximate: boolean;
}

/** A value and how often it occurs. */
export interface ValueCount {
  readonly value: ProfileValue;
  readonly count: number;
}

/** The most frequent values, most frequent first. */
export interface TopValues {
  readonly values: readonly ValueCount[];
  /** True where the counts were scaled up from a sample. */
  readonly approximate: boolean;
}

/** Counts in bins of equal width: bin `i` is `[edges[i], edges[i + 1])`, the last one with its upper edge. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** The value that a fraction `q` of the values does not exceed, with linear interpolation. */
export interface Quantile {
  readonly q: number;
  readonly value: number;
}

/** Statistics of a column's finite numbers. Null where they are not defined (a deviation of one value). */
export interface NumberStatistics {
  readonly min: ProfileValue;
  readonly max: ProfileValue;
  readonly mean: number;
  /** With n - 1 in the denominator. */
  readonly standardDeviation: number | null;
  /** The adjusted Fisher-Pearson coefficient G1, as pandas' `skew`. */
  readonly skewness: number | null;
  /** Excess kurtosis G2, as pandas' `kurt`: 0 for a normal distribution. */
  readonly kurtosis: number | null;
  readonly zeros: number;
  readonly negatives: number;
  /** Values that are plus or minus infinity, which no other statistic counts. */
  readonly infinite: number;
  /** NaN, which counts as missing. */
  readonly nan: number;
  /** Values beyond 1.5 interquartile ranges from the quartiles (Tukey's fences). */
  readonly outliers: number;
  readonly quantiles: readonly Quantile[];
  /** True where the quantiles are those of a sample. */
  readonly quantilesApproximate: boolean;
  readonly histogram: Histogram;
}

/** Statistics of a column of dates or times; the histogram's edges are milliseconds since 1970 (UTC). */
export interface DateStatistics {
  readonly min: string;
  readonly max: string;
  readonly histogram: Histogram;
}

/** Statistics of a column of text. Lengths in characters. */
export interface TextStatistics {
  readonly minLength: number;
  readonly meanLength: number;
  readonly maxLength: number;
  /** Empty, or white space only. */
  readonly blank: number;
  /** With white space before or after. */
  readonly untrimmed: number;
  /** The fractions of non-blank values that read as a number and as a date; from `sampledRows` rows where that is set. */
  readonly numeric: number;
  readonly dates: number;
}

/** What is known of a column. */
export interface ColumnProfile {
  readonly name: string;
  /** DuckDB's name for the type. */
  readonly type: string;
  readonly kind: ProfileKind;
  readonly missing: number;
  readonly distinct: DistinctCount;
  readonly top: TopValues;
  /** Absent where the column has no such values. */
  readonly number?: NumberStatistics;
  readonly date?: DateStatistics;
  readonly text?: TextStatistics;
}

/** A symmetric measure between columns; null where it is not defined (a constant column). */
export interface AssociationMatrix {
  readonly columns: readonly string[];
  readonly values: readonly (readonly (number | null)[])[];
  /** How many rows it was computed from, where not from all. */
  readonly sampledRows?: number;
}

/** The correlation ratio of each category (rows) with each number (columns). */
export interface CorrelationRatios {
  readonly categories: readonly string[];
  readonly numbers: readonly string[];
  readonly values: readonly (readonly (number | null)[])[];
  readonly sampledRows?: number;
}

/** How columns go together; each absent where there are too few columns of its kind. */
export interface Associations {
  /** Pearson's r between numbers, each pair over the rows where both are there. */
  readonly pearson?: AssociationMatrix;
  /** Spearman's rho: Pearson's r of the ranks, ties with their mean rank. */
  readonly spearman?: AssociationMatrix;
  /** Cramér's V between categories: sqrt((χ² / n) / min(rows - 1, columns - 1)) of their table, uncorrected. */
  readonly cramersV?: AssociationMatrix;
  /** η between a category and a number: sqrt(sum of squares between groups / total sum of squares). */
  readonly correlationRatio?: CorrelationRatios;
}

/** Columns that are missing together, in how many rows. */
export interface MissingPattern {
  readonly columns: readonly string[];
  readonly rows: number;
}

/** Which values are missing together. */
export interface Missingness {
  readonly cells: number;
  /** Rows without a missing value. */
  readonly completeRows: number;
  /** The most frequent patterns, the complete rows among them. */
  readonly patterns: readonly MissingPattern[];
  readonly patternCount: number;
}

/** What a warning is about. */
export type WarningCode =
  | "no-rows"
  | "all-missing"
  | "mostly-missing"
  | "constant"
  | "unique"
  | "high-cardinality"
  | "imbalanced"
  | "skewed"
  | "zeros"
  | "infinite"
  | "outliers"
  | "suspicious-value"
  | "numbers-as-text"
  | "dates-as-text"
  | "blank-text"
  | "untrimmed-text"
  | "high-correlation"
  | "duplicate-rows";

/** Something to look at before a model is made of the table. */
export interface ProfileWarning {
  readonly code: WarningCode;
  /** `warning`: likely an error or a trap; `note`: worth knowing. */
  readonly severity: "warning" | "note";
  /** The columns concerned; none for the table as a whole. */
  readonly columns: readonly string[];
  /** A sentence for people. */
  readonly message: string;
}

/** A profile; see `profile`. */
export interface ProfileData {
  readonly format: "tenon.profile";
  readonly version: 1;
  readonly rows: number;
  /** Rows that repeat another row; found by 64-bit hashes. */
  readonly duplicateRows: number;
  readonly columns: readonly ColumnProfile[];
  readonly associations: Associations;
  readonly missing: Missingness;
  readonly warnings: readonly ProfileWarning[];
  /** Rows of the sample that stands for all where something says so; absent where everything is exact. */
  readonly sampledRows?: number;
}

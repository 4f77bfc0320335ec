/**
 * @file How a value of the library offers itself to a notebook's variable view as a table.
 *
 * The mirror of the kernel's published interface: a value with a method under {@link pageable} that returns a
 * {@link Pageable} is paged, sorted, filtered and profiled by its own means, so that it may be larger than memory.
 */

/** The method's name: `Symbol.for("tenon.pageable")`. */
export const pageable: unique symbol = Symbol.for("tenon.pageable");

/** What a column holds. */
export type PageableColumnType =
  "number" | "bigint" | "string" | "boolean" | "date" | "object" | "mixed" | "empty";

/** A column of a pageable value; names are unique. */
export interface PageableColumn {
  readonly name: string;
  readonly type: PageableColumnType;
  /** The engine's own name for the type, for example `DECIMAL(18,3)`. */
  readonly nativeType?: string | undefined;
}

/** One condition on one column; several are joined by AND. Nulls match only `is-null` and `!=`. */
export type PageFilter =
  | {
      readonly column: string;
      readonly op: "=" | "!=" | "<" | "<=" | ">" | ">=";
      readonly value: string | number | boolean;
    }
  | { readonly column: string; readonly op: "contains"; readonly value: string }
  | { readonly column: string; readonly op: "is-null" | "is-not-null" }
  | {
      readonly column: string;
      readonly op: "one-of";
      readonly values: readonly (string | number | boolean)[];
    };

/** Nulls come last in both directions. */
export interface PageSort {
  readonly column: string;
  readonly descending: boolean;
}

/** Which rows are wanted. */
export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
  readonly sort: readonly PageSort[];
  readonly filters: readonly PageFilter[];
}

/** Rows of raw values, one per column. */
export interface PageResult {
  readonly rows: readonly (readonly unknown[])[];
  /** Rows after filtering, where known. */
  readonly rowCount: number | undefined;
}

/** A value in a profile: dates, wide integers and what is no finite number are text with their kind. */
export type PageProfileValue =
  string | number | boolean | null | { readonly kind: "date" | "bigint" | "number"; readonly text: string };

/** Statistics of one column; what doesn't apply to its type is absent. */
export interface PageColumnProfile {
  readonly name: string;
  readonly type: PageableColumnType;
  /** Rows looked at, nulls among them. */
  readonly count: number;
  readonly nulls: number;
  readonly distinct?: number | null;
  readonly min?: PageProfileValue;
  readonly max?: PageProfileValue;
  readonly mean?: number;
  readonly standardDeviation?: number;
  readonly quantiles?: { q: number; value: number }[];
  readonly histogram?: { from: number; to: number; count: number }[];
  readonly top?: { value: PageProfileValue; count: number }[];
}

/** What the variable view asks. */
export interface Pageable {
  readonly columns: readonly PageableColumn[];
  /** Rows before filtering; undefined where unknown. */
  readonly rowCount: number | undefined;
  page(request: PageRequest): PageResult | Promise<PageResult>;
  profile?(request: {
    readonly columns: readonly string[];
    readonly filters: readonly PageFilter[];
  }):
    | { columns: PageColumnProfile[]; rowCount: number | null; sampled: boolean }
    | Promise<{ columns: PageColumnProfile[]; rowCount: number | null; sampled: boolean }>;
}

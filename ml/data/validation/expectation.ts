/** @file What an expectation is in a suite, what its evaluation gives, and what kinds of expectations share. */
import * as v from "valibot";
import type { RowValue } from "../query-result.ts";
import { rowConditionSchema } from "./row-condition.ts";
import type { Scope } from "./scope.ts";
import type { SqlColumn } from "./sql-values.ts";

/** How much a failure matters; kept in suites and results, as Great Expectations does. */
export type Severity = "critical" | "warning" | "info";

/** An expectation as suites hold it: Great Expectations' own form. */
export interface Expectation {
  /** Great Expectations' name, such as `expect_column_values_to_be_between`. */
  readonly type: string;
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly severity?: Severity;
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** A value in a result: anything else than these is shown as text. */
export type ResultValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | readonly ResultValue[]
  | { readonly [name: string]: ResultValue };

/**
 * What was found, in Great Expectations' words. Counts of rows: `element_count` all that the row condition lets through,
 * `missing_count` those without a value, `unexpected_count` those that break the expectation. `unexpected_percent` is of
 * the rows with a value, `unexpected_percent_total` of all. The partial list holds 20 that break it.
 */
export interface ResultDetails {
  readonly element_count?: number;
  readonly missing_count?: number;
  readonly missing_percent?: number | null;
  readonly unexpected_count?: number;
  readonly unexpected_percent?: number | null;
  readonly unexpected_percent_total?: number | null;
  readonly unexpected_percent_nonmissing?: number | null;
  readonly partial_unexpected_list?: readonly ResultValue[];
  readonly partial_unexpected_counts?: readonly { readonly value: ResultValue; readonly count: number }[];
  readonly partial_missing_list?: readonly ResultValue[];
  readonly observed_value?: ResultValue;
  readonly details?: { readonly [name: string]: ResultValue };
}

/** How an expectation came out. */
export interface Outcome {
  readonly success: boolean;
  readonly result: ResultDetails;
}

/**
 * Something to ask the table: an aggregate over its rows, a query of one value, or a query of one value for which the
 * order of the rows matters.
 */
export interface Ask {
  readonly kind: "aggregate" | "query" | "ordered";
  readonly sql: string;
  /** The same question to the different values of a column, where that is possible; see {@link ofColumn}. */
  readonly counted?: CountedAsk;
}

/** A question to the different values of a column, each with how many rows have it. */
export interface CountedAsk {
  readonly column: string;
  /** A query of one row with one value over those values, which are the rows of `from`. */
  readonly sql: (from: string) => string;
}

/**
 * An evaluation yields what it must know and is given the answers, in the same order, until it returns. What all
 * expectations of a suite ask at the same time is one statement.
 */
export type Evaluation = Generator<readonly Ask[], Outcome, readonly RowValue[]>;

/** A kind of expectation: what its `kwargs` are, and how it is evaluated. */
export interface Kind {
  /** What is wrong with the `kwargs`, a line each; empty where nothing is. */
  readonly problems: (kwargs: unknown) => readonly string[];
  readonly evaluate: (kwargs: unknown, scope: Scope) => Evaluation;
}

/** A kind of expectation whose `kwargs` are parsed by a schema. */
export function kind<S extends v.GenericSchema>(
  schema: S,
  evaluate: (kwargs: v.InferOutput<S>, scope: Scope) => Evaluation,
): Kind {
  return {
    problems: (kwargs) => {
      const parsed = v.safeParse(schema, kwargs);
      return parsed.success ? [] : parsed.issues.map(describeIssue);
    },
    evaluate: (kwargs, scope) => evaluate(v.parse(schema, kwargs), scope),
  };
}

/** An issue of a schema as a line: where, and what. */
export function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  if (issue.type === "strict_object" && issue.expected === "never") return `"${path}" is not known here`;
  if (issue.received === "undefined") return `"${path}" is missing`;
  return path === null ? issue.message : `"${path}": ${issue.message}`;
}

/** An aggregate over the rows. */
export const aggregate = (sql: string): Ask => ({ kind: "aggregate", sql });

/** A query of one row with one value, over rows in the table's order; it must read the rows once. */
export const ordered = (sql: string): Ask => ({ kind: "ordered", sql });

/** A query of one row with one value. */
export const query = (sql: string): Ask => ({ kind: "query", sql });

/**
 * A question about one column's values, whatever the rows' order and the other columns: it may be asked of the rows, or of
 * the column's different values, of which `countName` says how many rows have each.
 */
export function ofColumn(scope: Scope, column: SqlColumn, ask: Ask, counted: CountedAsk["sql"]): Ask {
  return scope.isFiltered ? ask : { ...ask, counted: { column: column.name, sql: counted } };
}

const column = v.pipe(v.string(), v.minLength(1));

/** `kwargs` that schemas of kinds are put together from. */
export const parts = {
  column: { column },
  columns: { column_list: v.pipe(v.array(column), v.minLength(1)) },
  rows: { row_condition: v.optional(rowConditionSchema) },
  mostly: {
    mostly: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1),
  },
  bounds: {
    min_value: v.optional(v.union([v.number(), v.string()])),
    max_value: v.optional(v.union([v.number(), v.string()])),
    strict_min: v.optional(v.boolean(), false),
    strict_max: v.optional(v.boolean(), false),
  },
  values: { value_set: v.array(v.union([v.number(), v.string(), v.boolean()])) },
} as const;

/** Limits of a value; a limit itself is allowed where it is not strict. */
export interface Bounds {
  readonly min_value?: number | string | undefined;
  readonly max_value?: number | string | undefined;
  readonly strict_min: boolean;
  readonly strict_max: boolean;
}

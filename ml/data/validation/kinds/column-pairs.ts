/** @file Expectations of two columns in each row. */
import * as v from "valibot";
import type { RowValue } from "../../query-result.ts";
import { resultValue } from "../answers.ts";
import { kind, parts, type Evaluation, type Kind, type ResultValue } from "../expectation.ts";
import type { Scope } from "../scope.ts";
import { isComparable, literal, type SqlColumn } from "../sql-values.ts";
import { SuiteError } from "../errors.ts";
import { evaluateRows } from "./map-outcome.ts";

const name = parts.column.column;
const common = {
  column_A: name,
  column_B: name,
  ...parts.rows,
  ...parts.mostly,
  ignore_row_if: v.optional(
    v.picklist(["both_values_are_missing", "either_value_is_missing", "neither"]),
    "both_values_are_missing",
  ),
};

interface PairArguments {
  readonly column_A: string;
  readonly column_B: string;
  readonly mostly: number;
  readonly ignore_row_if: "both_values_are_missing" | "either_value_is_missing" | "neither";
}

function evaluatePairs(
  scope: Scope,
  kwargs: PairArguments,
  expected: (a: SqlColumn, b: SqlColumn) => string,
): Evaluation {
  const a = scope.column(kwargs.column_A);
  const b = scope.column(kwargs.column_B);
  const present = {
    both_values_are_missing: `(${a.value} IS NOT NULL OR ${b.value} IS NOT NULL)`,
    either_value_is_missing: `(${a.value} IS NOT NULL AND ${b.value} IS NOT NULL)`,
    neither: "true",
  };
  return evaluateRows(scope, {
    present: present[kwargs.ignore_row_if],
    expected: expected(a, b),
    example: `{'a': ${a.shown}, 'b': ${b.shown}}`,
    mostly: kwargs.mostly,
    show: showPair,
  });
}

function showPair(value: RowValue): ResultValue {
  const pair = resultValue(value);
  return typeof pair === "object" && pair !== null ? Object.values(pair) : pair;
}

function requireComparable(a: SqlColumn, b: SqlColumn): void {
  if (!isComparable(a, b))
    throw new SuiteError(
      `"${a.name}" (${a.type}) and "${b.name}" (${b.type}) have types that can't be compared`,
    );
}

const item = v.nullable(v.union([v.number(), v.string(), v.boolean()]));

/** Whether a value is the listed one, where null is a missing value. */
function equals(column: SqlColumn, value: v.InferOutput<typeof item>): string {
  if (value === null) return `${column.value} IS NULL`;
  const sql = literal(column, value);
  return sql === undefined ? "false" : `coalesce(${column.value} = ${sql}, false)`;
}

export const columnPairs = {
  expect_column_pair_values_a_to_be_greater_than_b: kind(
    v.strictObject({ ...common, or_equal: v.optional(v.boolean(), false) }),
    (kwargs, scope) =>
      evaluatePairs(scope, kwargs, (a, b) => {
        requireComparable(a, b);
        return `${a.value} ${kwargs.or_equal ? ">=" : ">"} ${b.value}`;
      }),
  ),
  expect_column_pair_values_to_be_equal: kind(v.strictObject(common), (kwargs, scope) =>
    evaluatePairs(scope, kwargs, (a, b) => {
      requireComparable(a, b);
      return `${a.value} = ${b.value}`;
    }),
  ),
  expect_column_pair_values_to_be_in_set: kind(
    v.strictObject({ ...common, value_pairs_set: v.array(v.tuple([item, item])) }),
    (kwargs, scope) =>
      evaluatePairs(scope, kwargs, (a, b) => {
        const tests = kwargs.value_pairs_set.map(
          ([first, second]) => `(${equals(a, first)} AND ${equals(b, second)})`,
        );
        return tests.length === 0 ? "false" : `(${tests.join(" OR ")})`;
      }),
  ),
} satisfies Readonly<Record<string, Kind>>;

/** @file Expectations of several columns in each row, and of rows by several columns. */
import * as v from "valibot";
import { sqlText } from "../../sql-text.ts";
import { countOf } from "../answers.ts";
import { aggregate, kind, parts, type Evaluation, type Kind } from "../expectation.ts";
import type { Scope } from "../scope.ts";
import { isComparable, type SqlColumn } from "../sql-values.ts";
import { duplicatesOf, duplicatesOutcome, evaluateRows } from "./map-outcome.ts";
import { requireNumber } from "./require-type.ts";

const common = {
  ...parts.columns,
  ...parts.rows,
  ...parts.mostly,
  ignore_row_if: v.optional(
    v.picklist(["all_values_are_missing", "any_value_is_missing", "never"]),
    "all_values_are_missing",
  ),
};

interface MulticolumnArguments {
  readonly column_list: readonly string[];
  readonly mostly: number;
  readonly ignore_row_if: "all_values_are_missing" | "any_value_is_missing" | "never";
}

/** The columns, the rows to look at, and what stands for a row among examples. */
function read(scope: Scope, kwargs: MulticolumnArguments) {
  const columns = kwargs.column_list.map((name) => scope.column(name));
  const tests = columns.map(({ value }) => `${value} IS NOT NULL`);
  const present = {
    all_values_are_missing: `(${tests.join(" OR ")})`,
    any_value_is_missing: `(${tests.join(" AND ")})`,
    never: "true",
  }[kwargs.ignore_row_if];
  const fields = columns.map(({ name, shown }) => `${sqlText(name)}: ${shown}`);
  return { columns, present, example: `{${fields.join(", ")}}`, mostly: kwargs.mostly };
}

function evaluateRecords(
  scope: Scope,
  kwargs: MulticolumnArguments,
  expected: (columns: readonly SqlColumn[]) => string,
): Evaluation {
  const { columns, ...test } = read(scope, kwargs);
  return evaluateRows(scope, { ...test, expected: expected(columns) });
}

/** Whether two columns have the same value, two missing ones being the same; values of different types never are. */
function same(a: SqlColumn, b: SqlColumn): string {
  return isComparable(a, b)
    ? `${a.value} IS NOT DISTINCT FROM ${b.value}`
    : `(${a.value} IS NULL AND ${b.value} IS NULL)`;
}

function allDifferent(columns: readonly SqlColumn[]): string {
  const tests = columns.flatMap((a, index) => columns.slice(index + 1).map((b) => `NOT (${same(a, b)})`));
  return tests.length === 0 ? "true" : tests.join(" AND ");
}

function* compoundUnique(kwargs: MulticolumnArguments, scope: Scope): Evaluation {
  const { columns, present, example, mostly } = read(scope, kwargs);
  const keys = columns.map(({ value }) => value);
  const [elements, firstPresent, duplicates] = yield [
    aggregate(scope.aggregate("count(*)")),
    aggregate(scope.aggregate("count(*)", `${keys[0]} IS NOT NULL`)),
    duplicatesOf(scope, keys, present, example),
  ];
  // Where the first column is whole, the others need not be read again to know that no row is without a value.
  const isWhole = countOf(elements) === countOf(firstPresent);
  if (isWhole && kwargs.ignore_row_if === "all_values_are_missing")
    return duplicatesOutcome(elements, elements, duplicates, mostly);
  const [considered] = yield [aggregate(scope.aggregate("count(*)", present))];
  return duplicatesOutcome(elements, considered, duplicates, mostly);
}

const uniqueWithinRecord = kind(v.strictObject(common), (kwargs, scope) =>
  evaluateRecords(scope, kwargs, allDifferent),
);

export const multicolumn = {
  expect_compound_columns_to_be_unique: kind(v.strictObject(common), compoundUnique),
  expect_select_column_values_to_be_unique_within_record: uniqueWithinRecord,
  expect_multicolumn_values_to_be_unique: uniqueWithinRecord,
  expect_multicolumn_values_to_be_equal: kind(v.strictObject(common), (kwargs, scope) =>
    evaluateRecords(scope, kwargs, ([first, ...others]) =>
      first === undefined || others.length === 0
        ? "true"
        : others.map((other) => same(first, other)).join(" AND "),
    ),
  ),
  expect_multicolumn_sum_to_equal: kind(
    v.strictObject({ ...common, sum_total: v.number() }),
    (kwargs, scope) =>
      evaluateRecords(
        scope,
        kwargs,
        (columns) => `${columns.map(requireNumber).join(" + ")} = CAST('${kwargs.sum_total}' AS DOUBLE)`,
      ),
  ),
} satisfies Readonly<Record<string, Kind>>;

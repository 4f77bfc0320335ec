/** @file Expectations of a column's values, each on its own: missing ones, ranges, sets, lengths, formats, types. */
import * as v from "valibot";
import { kind, parts, type Evaluation, type Kind } from "../expectation.ts";
import type { Scope } from "../scope.ts";
import { inSet, type SqlColumn } from "../sql-values.ts";
import { requireBounds, withinSql } from "./bounds.ts";
import { evaluateRows } from "./map-outcome.ts";
import { hasFormat, isJson } from "./text-formats.ts";
import { requireText } from "./require-type.ts";

const common = { ...parts.column, ...parts.rows, ...parts.mostly };

interface ColumnArguments {
  readonly column: string;
  readonly mostly: number;
}

/** Looks at the rows that have a value. */
function present(
  scope: Scope,
  { column, mostly }: ColumnArguments,
  expected: (column: SqlColumn) => string,
): Evaluation {
  const found = scope.column(column);
  return evaluateRows(scope, {
    column: found,
    present: `${found.value} IS NOT NULL`,
    expected: expected(found),
    example: found.shown,
    mostly,
  });
}

/** Looks at all rows. */
function all(scope: Scope, { column, mostly }: ColumnArguments, expected: "NULL" | "NOT NULL"): Evaluation {
  const found = scope.column(column);
  return evaluateRows(scope, {
    column: found,
    present: undefined,
    expected: `${found.value} IS ${expected}`,
    example: found.shown,
    mostly,
  });
}

const length = (column: SqlColumn): string => `length(${requireText(column)})`;

export const columnValues = {
  expect_column_values_to_not_be_null: kind(v.strictObject(common), (kwargs, scope) =>
    all(scope, kwargs, "NOT NULL"),
  ),
  expect_column_values_to_be_null: kind(v.strictObject(common), (kwargs, scope) =>
    all(scope, kwargs, "NULL"),
  ),
  expect_column_values_to_be_between: kind(v.strictObject({ ...common, ...parts.bounds }), (kwargs, scope) =>
    present(scope, kwargs, (column) => withinSql(column, column.value, kwargs)),
  ),
  expect_column_values_to_be_in_set: kind(v.strictObject({ ...common, ...parts.values }), (kwargs, scope) =>
    present(scope, kwargs, (column) => inSet(column, kwargs.value_set)),
  ),
  expect_column_values_to_not_be_in_set: kind(
    v.strictObject({ ...common, ...parts.values }),
    (kwargs, scope) => present(scope, kwargs, (column) => `NOT (${inSet(column, kwargs.value_set)})`),
  ),
  expect_column_value_lengths_to_equal: kind(
    v.strictObject({ ...common, value: v.number() }),
    (kwargs, scope) => present(scope, kwargs, (column) => `${length(column)} = ${kwargs.value}`),
  ),
  expect_column_value_lengths_to_be_between: kind(
    v.strictObject({
      ...common,
      min_value: v.optional(v.number()),
      max_value: v.optional(v.number()),
      strict_min: v.optional(v.boolean(), false),
      strict_max: v.optional(v.boolean(), false),
    }),
    (kwargs, scope) =>
      present(scope, kwargs, (column) => {
        const { min_value: min, max_value: max } = kwargs;
        requireBounds(kwargs);
        const limits = [
          ...(min === undefined ? [] : [`${length(column)} ${kwargs.strict_min ? ">" : ">="} ${min}`]),
          ...(max === undefined ? [] : [`${length(column)} ${kwargs.strict_max ? "<" : "<="} ${max}`]),
        ];
        return limits.join(" AND ");
      }),
  ),
  expect_column_values_to_be_json_parseable: kind(v.strictObject(common), (kwargs, scope) =>
    present(scope, kwargs, (column) => isJson(requireText(column))),
  ),
  expect_column_values_to_match_strftime_format: kind(
    v.strictObject({ ...common, strftime_format: v.string() }),
    (kwargs, scope) =>
      present(scope, kwargs, (column) => hasFormat(requireText(column), kwargs.strftime_format)),
  ),
} satisfies Readonly<Record<string, Kind>>;

/** @file Expectations of a table as a whole: its columns, their types, its number of rows. */
import * as v from "valibot";
import { identifier } from "../../relation-sql.ts";
import { countOf } from "../answers.ts";
import { aggregate, kind, parts, query, type Evaluation, type Kind, type Outcome } from "../expectation.ts";
import type { Scope } from "../scope.ts";
import { isWithin } from "./bounds.ts";

const counts = {
  min_value: v.optional(v.number()),
  max_value: v.optional(v.number()),
  strict_min: v.optional(v.boolean(), false),
  strict_max: v.optional(v.boolean(), false),
};

/** An outcome for which no row need be read. */
function* known(outcome: Outcome): Evaluation {
  yield [];
  return outcome;
}

function* rowCount(scope: Scope, expected: (rows: number) => boolean): Evaluation {
  const [answer] = yield [aggregate(scope.aggregate("count(*)"))];
  const rows = countOf(answer);
  return { success: expected(rows), result: { observed_value: rows } };
}

function* sameRowCount(scope: Scope, other: string): Evaluation {
  const [answer, otherAnswer] = yield [
    aggregate(scope.aggregate("count(*)")),
    query(`SELECT count(*) FROM ${identifier(other)}`),
  ];
  const rows = { self: countOf(answer), other: countOf(otherAnswer) };
  return { success: rows.self === rows.other, result: { observed_value: rows } };
}

function columnSet(scope: Scope, expected: readonly string[], exact: boolean): Evaluation {
  const actual = scope.columns.map(({ name }) => name);
  const unexpected = actual.filter((name) => !expected.includes(name)).sort();
  const missing = [...new Set(expected)].filter((name) => !actual.includes(name)).sort();
  const observed = { observed_value: [...actual].sort() };
  const mismatched = {
    ...(unexpected.length === 0 ? {} : { unexpected }),
    ...(missing.length === 0 ? {} : { missing }),
  };
  const isEqual = unexpected.length === 0 && missing.length === 0;
  return known({
    success: isEqual || (!exact && missing.length === 0),
    result: isEqual ? observed : { ...observed, details: { mismatched } },
  });
}

function columnOrder(scope: Scope, expected: readonly string[]): Evaluation {
  const actual = scope.columns.map(({ name }) => name);
  const length = Math.max(actual.length, expected.length);
  const mismatched = Array.from({ length }, (_, index) => ({
    "Expected Column Position": index,
    Expected: expected[index] ?? null,
    Found: actual[index] ?? null,
  })).filter(({ Expected, Found }) => Expected !== Found);
  const success = mismatched.length === 0;
  return known({
    success,
    result: success ? { observed_value: actual } : { observed_value: actual, details: { mismatched } },
  });
}

const aliases: Readonly<Record<string, string>> = {
  bool: "boolean",
  int: "int64",
  float: "float64",
  str: "string",
  "datetime64[ns]": "timestamp",
};

/** Types by Tenon's names, by DuckDB's in capitals or not, and by the plain ones of Python. */
function hasType(scope: Scope, name: string, expected: readonly string[]): Evaluation {
  const { type, nativeType } = scope.column(name);
  const success = expected.some((each) => {
    const lower = each.toLowerCase();
    return (
      each === nativeType || lower === type || aliases[lower] === type || lower === nativeType.toLowerCase()
    );
  });
  return known({ success, result: { observed_value: type } });
}

// Types belong to columns: which rows, and how many of them, makes no difference.
const typed = { ...parts.column, ...parts.rows, ...parts.mostly };

export const tableShape = {
  expect_table_row_count_to_equal: kind(
    v.strictObject({ ...parts.rows, value: v.number() }),
    ({ value }, scope) => rowCount(scope, (rows) => rows === value),
  ),
  expect_table_row_count_to_be_between: kind(v.strictObject({ ...parts.rows, ...counts }), (kwargs, scope) =>
    rowCount(scope, (rows) => isWithin(rows, kwargs)),
  ),
  expect_table_row_count_to_equal_other_table: kind(
    v.strictObject({ ...parts.rows, other_table_name: v.string() }),
    (kwargs, scope) => sameRowCount(scope, kwargs.other_table_name),
  ),
  expect_table_column_count_to_equal: kind(v.strictObject({ value: v.number() }), ({ value }, scope) =>
    known({
      success: scope.columns.length === value,
      result: { observed_value: scope.columns.length },
    }),
  ),
  expect_table_column_count_to_be_between: kind(v.strictObject(counts), (kwargs, scope) =>
    known({
      success: isWithin(scope.columns.length, kwargs),
      result: { observed_value: scope.columns.length },
    }),
  ),
  expect_table_columns_to_match_set: kind(
    v.strictObject({ column_set: v.array(v.string()), exact_match: v.optional(v.boolean(), true) }),
    (kwargs, scope) => columnSet(scope, kwargs.column_set, kwargs.exact_match),
  ),
  expect_table_columns_to_match_ordered_list: kind(
    v.strictObject({ column_list: v.array(v.string()) }),
    (kwargs, scope) => columnOrder(scope, kwargs.column_list),
  ),
  expect_column_to_exist: kind(
    v.strictObject({ ...parts.column, column_index: v.optional(v.pipe(v.number(), v.integer())) }),
    ({ column, column_index: index }, scope) => {
      const names = scope.columns.map(({ name }) => name);
      return known({
        success: index === undefined ? names.includes(column) : names.at(index) === column,
        result: {},
      });
    },
  ),
  expect_column_type_to_be: kind(v.strictObject({ ...parts.column, type_: v.string() }), (kwargs, scope) =>
    hasType(scope, kwargs.column, [kwargs.type_]),
  ),
  expect_column_values_to_be_of_type: kind(v.strictObject({ ...typed, type_: v.string() }), (kwargs, scope) =>
    hasType(scope, kwargs.column, [kwargs.type_]),
  ),
  expect_column_values_to_be_in_type_list: kind(
    v.strictObject({ ...typed, type_list: v.array(v.string()) }),
    (kwargs, scope) => hasType(scope, kwargs.column, kwargs.type_list),
  ),
} satisfies Readonly<Record<string, Kind>>;

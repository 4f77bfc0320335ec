/** @file Expectations of which values a column has: its different values against a set, its most common value. */
import * as v from "valibot";
import type { RowValue } from "../../query-result.ts";
import { countOf, fieldOf, listOf, resultValue } from "../answers.ts";
import {
  kind,
  ofColumn,
  parts,
  query,
  type Ask,
  type Evaluation,
  type Kind,
  type ResultDetails,
} from "../expectation.ts";
import { countName } from "../few-values.ts";
import type { Scope } from "../scope.ts";
import { inSet, literal, type SqlColumn, type SuiteValue } from "../sql-values.ts";
import { exampleCount } from "./map-outcome.ts";

const set = v.strictObject({ ...parts.column, ...parts.rows, ...parts.values });

interface SetArguments {
  readonly column: string;
  readonly value_set: readonly SuiteValue[];
}

/** The different values that are not in the set: how many, and the first of them in order. */
function unexpectedValues(scope: Scope, column: SqlColumn, values: readonly SuiteValue[]): Ask {
  const outside = `${column.value} IS NOT NULL AND NOT (${inSet(column, values)})`;
  const sql = (rows: string): string =>
    `SELECT {'count': count(*), 'first': list(shown ORDER BY v)[1:${exampleCount}]}
     FROM (SELECT ${column.value} AS v, any_value(${column.shown}) AS shown ${rows} GROUP BY 1)`;
  return ofColumn(scope, column, query(sql(scope.from(outside))), (from) =>
    sql(`FROM ${from} WHERE ${outside}`),
  );
}

/** The indices of the set's values that no row has. */
function missingValues(scope: Scope, column: SqlColumn, values: readonly SuiteValue[]): Ask {
  const rows = values.flatMap((value, index) => {
    const sql = literal(column, value);
    return sql === undefined ? [] : [`(${index}, ${sql})`];
  });
  if (rows.length === 0) return query("SELECT NULL");
  const present = `${column.value} IS NOT NULL`;
  const sql = (from: string): string =>
    `SELECT list(i) FROM (VALUES ${rows.join(", ")}) AS expected(i, v) WHERE v NOT IN (SELECT ${column.value} ${from})`;
  return ofColumn(scope, column, query(sql(scope.from(present))), (from) =>
    sql(`FROM ${from} WHERE ${present}`),
  );
}

interface Comparison {
  readonly unexpected: number;
  readonly missing: number;
  readonly unexpectedDetails: ResultDetails;
  readonly missingDetails: ResultDetails;
}

function* compare(
  { column: name, value_set: listed }: SetArguments,
  scope: Scope,
): Generator<readonly Ask[], Comparison, readonly RowValue[]> {
  const column = scope.column(name);
  const values = [...new Set(listed)];
  const [outside, absent] = yield [
    unexpectedValues(scope, column, values),
    missingValues(scope, column, values),
  ];
  const absentIndices = new Set(listOf(absent).map(countOf));
  const missing = values.filter(
    (value, index) => literal(column, value) === undefined || absentIndices.has(index),
  );
  const unexpected = countOf(fieldOf(outside, "count"));
  return {
    unexpected,
    missing: missing.length,
    unexpectedDetails: {
      unexpected_count: unexpected,
      partial_unexpected_list: listOf(fieldOf(outside, "first")).map(resultValue),
    },
    missingDetails: {
      missing_count: missing.length,
      partial_missing_list: missing.slice(0, exampleCount),
    },
  };
}

function* distinctInSet(kwargs: SetArguments, scope: Scope): Evaluation {
  const { unexpected, unexpectedDetails } = yield* compare(kwargs, scope);
  return { success: unexpected === 0, result: { observed_value: null, ...unexpectedDetails } };
}

function* distinctContainsSet(kwargs: SetArguments, scope: Scope): Evaluation {
  const { missing, missingDetails } = yield* compare(kwargs, scope);
  return { success: missing === 0, result: { observed_value: null, ...missingDetails } };
}

function* distinctEqualsSet(kwargs: SetArguments, scope: Scope): Evaluation {
  const { unexpected, missing, unexpectedDetails, missingDetails } = yield* compare(kwargs, scope);
  return {
    success: unexpected === 0 && missing === 0,
    result: { observed_value: null, ...unexpectedDetails, ...missingDetails },
  };
}

/** The most common value, or values where several are as common; the result lists the first 20 of them. */
function* mostCommon(
  { column: name, value_set: values, ties_okay: tiesOkay }: SetArguments & { readonly ties_okay: boolean },
  scope: Scope,
): Evaluation {
  const column = scope.column(name);
  const present = `${column.value} IS NOT NULL`;
  const isListed = inSet({ ...column, value: "v" }, values);
  const sql = (rows: string, count: string): string =>
    `SELECT {'count': count(*), 'listed': count(*) FILTER (WHERE ${isListed}), 'first': list(shown ORDER BY v)[1:${exampleCount}]}
     FROM (SELECT v, shown FROM (
       SELECT ${column.value} AS v, any_value(${column.shown}) AS shown, ${count} AS n ${rows} GROUP BY 1
     ) QUALIFY n = max(n) OVER ())`;
  const ask = query(sql(scope.from(present), "count(*)"));
  const [answer] = yield [
    ofColumn(scope, column, ask, (from) => sql(`FROM ${from} WHERE ${present}`, `sum(${countName})`)),
  ];
  const count = countOf(fieldOf(answer, "count"));
  const listed = countOf(fieldOf(answer, "listed"));
  return {
    success: tiesOkay ? listed > 0 : count === 1 && listed === 1,
    result: { observed_value: listOf(fieldOf(answer, "first")).map(resultValue) },
  };
}

export const columnSets = {
  expect_column_distinct_values_to_be_in_set: kind(set, distinctInSet),
  expect_column_distinct_values_to_contain_set: kind(set, distinctContainsSet),
  expect_column_distinct_values_to_equal_set: kind(set, distinctEqualsSet),
  expect_column_most_common_value_to_be_in_set: kind(
    v.strictObject({ ...set.entries, ties_okay: v.optional(v.boolean(), false) }),
    mostCommon,
  ),
} satisfies Readonly<Record<string, Kind>>;

/**
 * @file Expectations of a column's values by regular expressions and LIKE patterns.
 *
 * Regular expressions are RE2's, found anywhere in the value's text. They differ from Python's in three ways: there are
 * no look-arounds and back-references, `\d` and `\w` are ASCII, and `$` does not match before a final line break.
 */
import * as v from "valibot";
import { sqlText } from "../../sql-text.ts";
import { kind, parts, type Evaluation, type Kind } from "../expectation.ts";
import type { Scope } from "../scope.ts";
import { evaluateRows } from "./map-outcome.ts";

const common = { ...parts.column, ...parts.rows, ...parts.mostly };
const list = v.pipe(v.array(v.string()), v.minLength(1));
const escape = { escape: v.optional(v.pipe(v.string(), v.length(1))) };
const matchOn = { match_on: v.optional(v.picklist(["any", "all"]), "any") };

interface PatternArguments {
  readonly column: string;
  readonly mostly: number;
}

function matching(
  scope: Scope,
  { column, mostly }: PatternArguments,
  expected: (text: string) => string,
): Evaluation {
  const found = scope.column(column);
  const { value, type, shown } = found;
  return evaluateRows(scope, {
    column: found,
    present: `${value} IS NOT NULL`,
    expected: expected(type === "string" ? value : `CAST(${value} AS VARCHAR)`),
    example: shown,
    mostly,
  });
}

const regex = (text: string, pattern: string): string => `regexp_matches(${text}, ${sqlText(pattern)})`;
const like = (text: string, pattern: string, escaped: string | undefined): string =>
  `${text} LIKE ${sqlText(pattern)}${escaped === undefined ? "" : ` ESCAPE ${sqlText(escaped)}`}`;
const any = (tests: readonly string[]): string => `(${tests.join(" OR ")})`;
const every = (tests: readonly string[]): string => `(${tests.join(" AND ")})`;

export const columnPatterns = {
  expect_column_values_to_match_regex: kind(
    v.strictObject({ ...common, regex: v.string() }),
    (kwargs, scope) => matching(scope, kwargs, (text) => regex(text, kwargs.regex)),
  ),
  expect_column_values_to_not_match_regex: kind(
    v.strictObject({ ...common, regex: v.string() }),
    (kwargs, scope) => matching(scope, kwargs, (text) => `NOT ${regex(text, kwargs.regex)}`),
  ),
  expect_column_values_to_match_regex_list: kind(
    v.strictObject({ ...common, regex_list: list, ...matchOn }),
    (kwargs, scope) =>
      matching(scope, kwargs, (text) => {
        const tests = kwargs.regex_list.map((pattern) => regex(text, pattern));
        return kwargs.match_on === "any" ? any(tests) : every(tests);
      }),
  ),
  expect_column_values_to_not_match_regex_list: kind(
    v.strictObject({ ...common, regex_list: list }),
    (kwargs, scope) =>
      matching(
        scope,
        kwargs,
        (text) => `NOT ${any(kwargs.regex_list.map((pattern) => regex(text, pattern)))}`,
      ),
  ),
  expect_column_values_to_match_like_pattern: kind(
    v.strictObject({ ...common, like_pattern: v.string(), ...escape }),
    (kwargs, scope) => matching(scope, kwargs, (text) => like(text, kwargs.like_pattern, kwargs.escape)),
  ),
  expect_column_values_to_not_match_like_pattern: kind(
    v.strictObject({ ...common, like_pattern: v.string(), ...escape }),
    (kwargs, scope) =>
      matching(scope, kwargs, (text) => `NOT (${like(text, kwargs.like_pattern, kwargs.escape)})`),
  ),
  expect_column_values_to_match_like_pattern_list: kind(
    v.strictObject({ ...common, like_pattern_list: list, ...matchOn, ...escape }),
    (kwargs, scope) =>
      matching(scope, kwargs, (text) => {
        const tests = kwargs.like_pattern_list.map((pattern) => like(text, pattern, kwargs.escape));
        return kwargs.match_on === "any" ? any(tests) : every(tests);
      }),
  ),
  expect_column_values_to_not_match_like_pattern_list: kind(
    v.strictObject({ ...common, like_pattern_list: list, ...escape }),
    (kwargs, scope) =>
      matching(
        scope,
        kwargs,
        (text) => `NOT ${any(kwargs.like_pattern_list.map((each) => like(text, each, kwargs.escape)))}`,
      ),
  ),
} satisfies Readonly<Record<string, Kind>>;

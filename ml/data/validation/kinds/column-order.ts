/** @file Expectations of a column's values beside each other: unique, increasing, decreasing. Values alone are missing or not. */
import * as v from "valibot";
import { countOf } from "../answers.ts";
import {
  aggregate,
  kind,
  ordered as inTableOrder,
  parts,
  type Evaluation,
  type Kind,
} from "../expectation.ts";
import type { Scope } from "../scope.ts";
import { duplicatesOf, duplicatesOutcome, withExamples } from "./map-outcome.ts";

const common = { ...parts.column, ...parts.rows, ...parts.mostly };

function* unique(
  { column: name, mostly }: { readonly column: string; readonly mostly: number },
  scope: Scope,
): Evaluation {
  const column = scope.column(name);
  const present = `${column.value} IS NOT NULL`;
  const [elements, considered, duplicates] = yield [
    aggregate(scope.aggregate("count(*)")),
    aggregate(scope.aggregate("count(*)", present)),
    duplicatesOf(scope, [column.value], present, column.shown),
  ];
  return duplicatesOutcome(elements, considered, duplicates, mostly);
}

/** A value is compared with the one before it that isn't missing, in the table's order; the first has none. */
function* ordered(
  { column: name, mostly }: { readonly column: string; readonly mostly: number },
  scope: Scope,
  comparison: ">" | ">=" | "<" | "<=",
): Evaluation {
  const { value, shown } = scope.column(name);
  const present = `${value} IS NOT NULL`;
  const steps = `FROM (SELECT v, shown, lag(v) OVER () AS previous
      FROM (SELECT ${value} AS v, ${shown} AS shown ${scope.from(present)}))
    WHERE previous IS NOT NULL AND NOT (v ${comparison} previous)`;
  const [elements, considered, unexpected] = yield [
    aggregate(scope.aggregate("count(*)")),
    aggregate(scope.aggregate("count(*)", present)),
    inTableOrder(`SELECT count(*) ${steps}`),
  ];
  const counts = {
    elements: countOf(elements),
    considered: countOf(considered),
    unexpected: countOf(unexpected),
  };
  return yield* withExamples(counts, { mostly }, `SELECT shown AS v ${steps}`, inTableOrder);
}

const strictly = { strictly: v.optional(v.boolean(), false) };

export const columnOrder = {
  expect_column_values_to_be_unique: kind(v.strictObject(common), unique),
  expect_column_values_to_be_increasing: kind(v.strictObject({ ...common, ...strictly }), (kwargs, scope) =>
    ordered(kwargs, scope, kwargs.strictly ? ">" : ">="),
  ),
  expect_column_values_to_be_decreasing: kind(v.strictObject({ ...common, ...strictly }), (kwargs, scope) =>
    ordered(kwargs, scope, kwargs.strictly ? "<" : "<="),
  ),
} satisfies Readonly<Record<string, Kind>>;

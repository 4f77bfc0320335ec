/** @file Window functions: a value for each row that depends on the rows around it. Each needs `over`. */
import type { Numeric } from "./expression-methods.ts";
import type { AnyExpression, ByGiven, GivenBy, NeedsOf } from "./expression-types.ts";
import { ColumnError } from "./errors.ts";
import { SqlExpression, typed, untyped } from "./expression.ts";
import type { Family } from "./families.ts";
import type { Rendered } from "./render.ts";

/** The row's place in its window, from 1; rows that the order doesn't tell apart come in any order. */
export function rowNumber(): Numeric<"int64", unknown, "window"> {
  return typed(windowFunction([], () => ["BIGINT", "row_number()"]));
}

/** The row's rank, from 1; equal rows share one, and the ranks after them are left out. */
export function rank(): Numeric<"int64", unknown, "window"> {
  return typed(windowFunction([], () => ["BIGINT", "rank()"]));
}

/** The row's rank, from 1; equal rows share one, and no rank is left out. */
export function denseRank(): Numeric<"int64", unknown, "window"> {
  return typed(windowFunction([], () => ["BIGINT", "dense_rank()"]));
}

/** (rank - 1) / (rows - 1): from 0 to 1. */
export function percentRank(): Numeric<"float64", unknown, "window"> {
  return typed(windowFunction([], () => ["DOUBLE", "percent_rank()"]));
}

/** The number of the row's group, from 1, where the window is cut into `groups` of equal size; the first ones have the rest. */
export function groupNumber(groups: number): Numeric<"int64", unknown, "window"> {
  if (!Number.isInteger(groups) || groups < 1)
    throw new RangeError(`groups must be at least 1, not ${groups}`);
  return typed(windowFunction([], () => ["BIGINT", `ntile(${groups})`]));
}

/** The value some rows before; null where there is no such row. */
export function lag<E extends AnyExpression>(
  of: E,
  rows = 1,
): ByGiven<GivenBy<E>, NeedsOf<E, Family>, "window"> {
  return typed(shifted("lag", untyped(of), rows));
}

/** The value some rows after; null where there is no such row. */
export function lead<E extends AnyExpression>(
  of: E,
  rows = 1,
): ByGiven<GivenBy<E>, NeedsOf<E, Family>, "window"> {
  return typed(shifted("lead", untyped(of), rows));
}

/** The value of the first row of the frame. */
export function firstValue<E extends AnyExpression>(
  of: E,
): ByGiven<GivenBy<E>, NeedsOf<E, Family>, "window"> {
  return typed(windowFunction([untyped(of)], ([value]) => [typeOf(value), `first_value(${value?.sql})`]));
}

/** The value of the last row of the frame, which is the current row unless `rows` says otherwise. */
export function lastValue<E extends AnyExpression>(of: E): ByGiven<GivenBy<E>, NeedsOf<E, Family>, "window"> {
  return typed(windowFunction([untyped(of)], ([value]) => [typeOf(value), `last_value(${value?.sql})`]));
}

function shifted(name: "lag" | "lead", of: SqlExpression, rows: number): SqlExpression {
  if (!Number.isInteger(rows) || rows < 0)
    throw new RangeError(`${name} takes whole rows from 0, not ${rows}`);
  return windowFunction([of], ([value]) => [typeOf(value), `${name}(${value?.sql}, ${rows})`]);
}

function windowFunction(
  of: readonly SqlExpression[],
  make: (values: readonly Rendered[]) => readonly [type: string, call: string],
): SqlExpression {
  return new SqlExpression((scope) => {
    if (scope.over === undefined) throw new ColumnError("a window function needs over({ orderBy: … })");
    const values = of.map((each) => each.render({ columns: scope.columns }));
    if (values.some((value) => value.usesGroup || value.usesWindow)) {
      throw new ColumnError("a window function cannot hold an aggregate or a window; derive it first");
    }
    const [type, call] = make(values);
    return {
      sql: `${call} OVER ${scope.over}`,
      type,
      label: "the window function",
      usesRows: false,
      usesGroup: true,
      usesWindow: false,
    };
  });
}

function typeOf(value: Rendered | undefined): string {
  if (value === undefined) throw new TypeError("a window function needs an expression");
  return value.type;
}

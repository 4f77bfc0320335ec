/**
 * @file Aggregates: one value for the rows of a group. They pass over nulls; without any value they give null, and counts
 * give 0. `over` makes each a value for every row.
 */
import type { Numeric, Truth } from "./expression-methods.ts";
import type {
  AnyExpression,
  ByGiven,
  GivenBy,
  LeavesOf,
  NeedsOf,
  NumberOperand,
  TruthOperand,
  Wide,
} from "./expression-types.ts";
import { ColumnError } from "./errors.ts";
import { SqlExpression, typed, untyped } from "./expression.ts";
import { familyOf, widest, type Family } from "./families.ts";
import type { TypedSql } from "./literals.ts";
import { castTo, requireFamily, type Rendered, type Scope } from "./render.ts";

type NumberExpression = Extract<NumberOperand, object>;
type TruthExpression = Extract<TruthOperand, object>;
type Summand = NumberExpression | TruthExpression;

/** The number of rows. */
export function count(): Numeric<"int64", unknown, "group">;
/** The number of rows where the expression is not null. */
export function count<E extends AnyExpression>(of: E): Numeric<"int64", NeedsOf<E, Family>, "group">;
export function count(of?: unknown): unknown {
  return aggregate(of === undefined ? [] : [untyped(of)], ([value]) => [
    "BIGINT",
    `count(${value?.sql ?? "*"})`,
  ]);
}

/** The number of different values, null not counted. */
export function countDistinct<E extends AnyExpression>(of: E): Numeric<"int64", NeedsOf<E, Family>, "group"> {
  return typed(aggregate([untyped(of)], ([value]) => ["BIGINT", `count(DISTINCT ${sqlOf(value)})`]));
}

/** The sum. Whole numbers add up exactly, and fail past 64 bits; a condition counts the rows where it holds. */
export function sum<E extends Summand>(
  of: E,
): Numeric<Wide<LeavesOf<GivenBy<E>>>, NeedsOf<E, "number" | "boolean">, "group"> {
  return typed(
    aggregate([untyped(of)], ([value]) => {
      const summand = numeric(value, "sum");
      return [widest([summand.type]), `sum(${summand.sql})`, "cast"];
    }),
  );
}

/** The arithmetic mean; of a condition, the share of rows where it holds. */
export function mean<E extends Summand>(
  of: E,
): Numeric<"float64", NeedsOf<E, "number" | "boolean">, "group"> {
  return typed(aggregate([untyped(of)], ([value]) => ["DOUBLE", `avg(${double(value, "mean")})`]));
}

/** The least value. NaN is above all numbers. */
export function min<E extends AnyExpression>(of: E): ByGiven<GivenBy<E>, NeedsOf<E, Family>, "group"> {
  return typed(aggregate([untyped(of)], ([value]) => [typeOf(value), `min(${sqlOf(value)})`]));
}

/** The greatest value. NaN is above all numbers. */
export function max<E extends AnyExpression>(of: E): ByGiven<GivenBy<E>, NeedsOf<E, Family>, "group"> {
  return typed(aggregate([untyped(of)], ([value]) => [typeOf(value), `max(${sqlOf(value)})`]));
}

/** The value in the row where `by` is least, null though it may be. Of several such rows it is any one's. */
export function argMin<E extends AnyExpression, B extends AnyExpression>(
  of: E,
  by: B,
): ByGiven<GivenBy<E>, NeedsOf<E, Family> & NeedsOf<B, Family>, "group"> {
  return typed(
    aggregate([untyped(of), untyped(by)], ([value, key]) => [
      typeOf(value),
      `arg_min_null(${sqlOf(value)}, ${sqlOf(key)})`,
    ]),
  );
}

/** The value in the row where `by` is greatest, null though it may be. Of several such rows it is any one's. */
export function argMax<E extends AnyExpression, B extends AnyExpression>(
  of: E,
  by: B,
): ByGiven<GivenBy<E>, NeedsOf<E, Family> & NeedsOf<B, Family>, "group"> {
  return typed(
    aggregate([untyped(of), untyped(by)], ([value, key]) => [
      typeOf(value),
      `arg_max_null(${sqlOf(value)}, ${sqlOf(key)})`,
    ]),
  );
}

/** The value below which a share `q` of the others lies, interpolated linearly between neighbours (type 7 of Hyndman and Fan). */
export function quantile<E extends NumberExpression>(
  of: E,
  q: number,
): Numeric<"float64", NeedsOf<E, "number">, "group"> {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`a quantile is between 0 and 1, not ${q}`);
  return typed(
    aggregate([untyped(of)], ([value]) => ["DOUBLE", `quantile_cont(${double(value, "quantile")}, ${q})`]),
  );
}

/** The middle value; the mean of the two where their number is even. */
export function median<E extends NumberExpression>(of: E): Numeric<"float64", NeedsOf<E, "number">, "group"> {
  return quantile(of, 0.5);
}

/** The standard deviation of a sample, with n - 1 in the denominator; null for one value. */
export function standardDeviation<E extends NumberExpression>(
  of: E,
): Numeric<"float64", NeedsOf<E, "number">, "group"> {
  return typed(
    aggregate([untyped(of)], ([value]) => ["DOUBLE", `stddev_samp(${double(value, "standardDeviation")})`]),
  );
}

/** The variance of a sample, with n - 1 in the denominator; null for one value. */
export function variance<E extends NumberExpression>(
  of: E,
): Numeric<"float64", NeedsOf<E, "number">, "group"> {
  return typed(aggregate([untyped(of)], ([value]) => ["DOUBLE", `var_samp(${double(value, "variance")})`]));
}

/** Pearson's correlation of the rows where both are present. */
export function correlation<X extends NumberExpression, Y extends NumberExpression>(
  x: X,
  y: Y,
): Numeric<"float64", NeedsOf<X, "number"> & NeedsOf<Y, "number">, "group"> {
  return typed(
    aggregate([untyped(x), untyped(y)], ([a, b]) => [
      "DOUBLE",
      `corr(${double(a, "correlation")}, ${double(b, "correlation")})`,
    ]),
  );
}

/** Whether a condition holds in any row. */
export function any<E extends TruthExpression>(of: E): Truth<NeedsOf<E, "boolean">, "group"> {
  return typed(aggregate([untyped(of)], ([value]) => ["BOOLEAN", `bool_or(${truth(value, "any")})`]));
}

/** Whether a condition holds in every row. */
export function all<E extends TruthExpression>(of: E): Truth<NeedsOf<E, "boolean">, "group"> {
  return typed(aggregate([untyped(of)], ([value]) => ["BOOLEAN", `bool_and(${truth(value, "all")})`]));
}

/** The type of a result and the call that makes it; `cast` where DuckDB's own type is another. */
type Make = (values: readonly Rendered[]) => readonly [type: string, call: string, cast?: "cast"];

function aggregate(of: readonly SqlExpression[], make: Make): SqlExpression {
  return new SqlExpression((scope) => {
    const values = of.map((each) => each.render({ columns: scope.columns }));
    for (const value of values) {
      if (value.usesGroup)
        throw new ColumnError("an aggregate cannot hold another; derive the inner one first");
      if (value.usesWindow) throw new ColumnError("an aggregate cannot hold a window; derive it first");
    }
    const [type, call, cast] = make(values);
    const sql = `${call}${frameOf(scope)}`;
    return {
      sql: cast === undefined ? sql : `CAST(${sql} AS ${type})`,
      type,
      label: "the aggregate",
      usesRows: false,
      usesGroup: true,
      usesWindow: false,
    };
  });
}

/** What stands after an aggregate. */
export function frameOf(scope: Scope): string {
  const filter = scope.filter === undefined ? "" : ` FILTER (WHERE ${scope.filter})`;
  return scope.over === undefined ? filter : `${filter} OVER ${scope.over}`;
}

function numeric(value: Rendered | undefined, use: string): TypedSql {
  const found = requireFamily(present(value), use, "number", "boolean");
  return familyOf(found.type) === "boolean" ? { sql: `CAST(${found.sql} AS BIGINT)`, type: "BIGINT" } : found;
}

function double(value: Rendered | undefined, use: string): string {
  return castTo(
    use === "mean" ? numeric(value, use) : requireFamily(present(value), use, "number"),
    "DOUBLE",
  );
}

function truth(value: Rendered | undefined, use: string): string {
  return requireFamily(present(value), use, "boolean").sql;
}

function sqlOf(value: Rendered | undefined): string {
  return present(value).sql;
}

function typeOf(value: Rendered | undefined): string {
  return present(value).type;
}

function present(value: Rendered | undefined): Rendered {
  if (value === undefined) throw new TypeError("an aggregate needs an expression");
  return value;
}

/**
 * @file Expressions over the columns of a table. They compute nothing: a table makes SQL of them.
 *
 * A value is null where an operand is null. Floating-point results are those of IEEE 754: a division by zero is infinite or
 * NaN, the root of a negative number NaN. NaN is a value: equal to itself and above all other numbers, as DuckDB orders it.
 */
import { ColumnError } from "./errors.ts";
import type { Column, TimeUnit, WindowSpecification } from "./expression-methods.ts";
import type { ByGiven } from "./expression-types.ts";
import { isInteger } from "./families.ts";
import { textLiteral, type Literal } from "./literals.ts";
import { nativeType, type CastType } from "./native-types.ts";
import { Order, windowClause } from "./order.ts";
import { made, renderColumn, requireFamily, type Render, type Renderable, type Rendered } from "./render.ts";
import { compared, filled, logical, oneOf } from "./render-comparisons.ts";
import { arithmetic, clipped, floating, partial, widened } from "./render-numbers.ts";
import { extracted, joined, matched, ofText, replaced, sliced } from "./render-texts.ts";
import { datePart, later, ofMoment, secondsBetween, truncated, zoned } from "./render-times.ts";

/** An expression as it is when a program runs: how it becomes SQL. Its types are in `expression-types.ts`. */
export class SqlExpression {
  /** @internal */
  readonly render: Render;

  constructor(render: Render) {
    this.render = render;
  }

  add(other: Renderable): SqlExpression {
    return new SqlExpression(arithmetic(this, "+", other));
  }
  sub(other: Renderable): SqlExpression {
    return new SqlExpression(arithmetic(this, "-", other));
  }
  /** Decimals keep all their digits after the point. */
  mul(other: Renderable): SqlExpression {
    return new SqlExpression(arithmetic(this, "*", other));
  }
  /** The remainder, with the sign of the dividend; of whole numbers null for a divisor of zero. */
  mod(other: Renderable): SqlExpression {
    return new SqlExpression(arithmetic(this, "%", other));
  }
  /** The quotient with its fraction. */
  div(other: Renderable): SqlExpression {
    return new SqlExpression(floating([this, other], (a, b) => `(${a} / ${b})`));
  }
  pow(other: Renderable): SqlExpression {
    return new SqlExpression(floating([this, other], (a, b) => `pow(${a}, ${b})`));
  }
  neg(): SqlExpression {
    return new SqlExpression(widened(this, (value) => `(-${value})`));
  }
  abs(): SqlExpression {
    return new SqlExpression(widened(this, (value) => `abs(${value})`));
  }
  floor(): SqlExpression {
    return new SqlExpression(widened(this, (value, type) => (isInteger(type) ? value : `floor(${value})`)));
  }
  ceil(): SqlExpression {
    return new SqlExpression(widened(this, (value, type) => (isInteger(type) ? value : `ceil(${value})`)));
  }
  /** Rounds halves away from zero, to a number of digits after the point. */
  round(digits = 0): SqlExpression {
    if (!Number.isInteger(digits)) throw new RangeError(`digits must be a whole number, not ${digits}`);
    return new SqlExpression(widened(this, (value) => `round(${value}, ${digits})`));
  }
  /** -1, 0 or 1. */
  sign(): SqlExpression {
    return new SqlExpression(floating([this], (value) => `sign(${value})`, "BIGINT"));
  }
  sqrt(): SqlExpression {
    return new SqlExpression(floating([this], (value) => partial("sqrt", value)));
  }
  exp(): SqlExpression {
    return new SqlExpression(floating([this], (value) => `exp(${value})`));
  }
  /** The natural logarithm. */
  log(): SqlExpression {
    return new SqlExpression(floating([this], (value) => partial("ln", value)));
  }
  log10(): SqlExpression {
    return new SqlExpression(floating([this], (value) => partial("log10", value)));
  }
  /** The nearest number between two; null and NaN stay. */
  clip(low: number, high: number): SqlExpression {
    return new SqlExpression(clipped(this, low, high));
  }
  isNaN(): SqlExpression {
    return new SqlExpression(floating([this], (value) => `isnan(${value})`, "BOOLEAN"));
  }
  isFinite(): SqlExpression {
    return new SqlExpression(floating([this], (value) => `isfinite(${value})`, "BOOLEAN"));
  }

  eq(other: Renderable): SqlExpression {
    return new SqlExpression(compared(this, "=", other));
  }
  ne(other: Renderable): SqlExpression {
    return new SqlExpression(compared(this, "<>", other));
  }
  gt(other: Renderable): SqlExpression {
    return new SqlExpression(compared(this, ">", other));
  }
  ge(other: Renderable): SqlExpression {
    return new SqlExpression(compared(this, ">=", other));
  }
  lt(other: Renderable): SqlExpression {
    return new SqlExpression(compared(this, "<", other));
  }
  le(other: Renderable): SqlExpression {
    return new SqlExpression(compared(this, "<=", other));
  }
  /** From `low` to `high`, both included. */
  between(low: Renderable, high: Renderable): SqlExpression {
    return this.ge(low).and(this.le(high));
  }
  /** One of these values; null for a null, false for no values. */
  isIn(values: readonly Literal[]): SqlExpression {
    return new SqlExpression(oneOf(this, values));
  }
  isNull(): SqlExpression {
    return this.#any((value) => made([value], "BOOLEAN", `(${value.sql} IS NULL)`));
  }
  isNotNull(): SqlExpression {
    return this.#any((value) => made([value], "BOOLEAN", `(${value.sql} IS NOT NULL)`));
  }
  /** Another value where this one is null. A plain value must fit the type. */
  fillNull(value: Renderable): SqlExpression {
    return new SqlExpression(filled(this, value));
  }

  and(other: Renderable): SqlExpression {
    return new SqlExpression(logical(this, "AND", other));
  }
  or(other: Renderable): SqlExpression {
    return new SqlExpression(logical(this, "OR", other));
  }
  not(): SqlExpression {
    return this.#any((value) =>
      made([value], "BOOLEAN", `(NOT ${requireFamily(value, "not", "boolean").sql})`),
    );
  }

  lower(): SqlExpression {
    return new SqlExpression(ofText(this, "lower", (value) => `lower(${value})`));
  }
  /** Each letter's own capital: "ß" stays one letter. */
  upper(): SqlExpression {
    return new SqlExpression(ofText(this, "upper", (value) => `upper(${value})`));
  }
  /** Without spaces, tabs and line ends around it. */
  trim(): SqlExpression {
    return new SqlExpression(
      ofText(this, "trim", (value) => `trim(${value}, ' ' || chr(9) || chr(10) || chr(13))`),
    );
  }
  /** Characters: code points of Unicode. */
  length(): SqlExpression {
    return new SqlExpression(ofText(this, "length", (value) => `length(${value})`, "BIGINT"));
  }
  /** Characters from `start` to before `end`, counted from 0. */
  slice(start: number, end?: number): SqlExpression {
    return new SqlExpression(sliced(this, start, end));
  }
  contains(part: string): SqlExpression {
    return new SqlExpression(
      ofText(this, "contains", (value) => `contains(${value}, ${textLiteral(part)})`, "BOOLEAN"),
    );
  }
  startsWith(part: string): SqlExpression {
    return new SqlExpression(
      ofText(this, "startsWith", (value) => `starts_with(${value}, ${textLiteral(part)})`, "BOOLEAN"),
    );
  }
  endsWith(part: string): SqlExpression {
    return new SqlExpression(
      ofText(this, "endsWith", (value) => `ends_with(${value}, ${textLiteral(part)})`, "BOOLEAN"),
    );
  }
  /** Whether the pattern is found. Patterns are RE2's: no look-around and no back-references; flags `i`, `m`, `s` count. */
  matches(pattern: RegExp): SqlExpression {
    return new SqlExpression(matched(this, pattern));
  }
  /** What the pattern, or a group of it, found; null where it found nothing. */
  extract(pattern: RegExp, group = 0): SqlExpression {
    return new SqlExpression(extracted(this, pattern, group));
  }
  /** Every text or match replaced; in the replacement of a pattern `\1` is its first group. */
  replace(found: string | RegExp, replacement: string): SqlExpression {
    return new SqlExpression(replaced(this, found, replacement));
  }
  /** One text after the other. */
  concat(other: Renderable): SqlExpression {
    return new SqlExpression(joined(this, other));
  }

  year(): SqlExpression {
    return new SqlExpression(datePart(this, "year"));
  }
  quarter(): SqlExpression {
    return new SqlExpression(datePart(this, "quarter"));
  }
  month(): SqlExpression {
    return new SqlExpression(datePart(this, "month"));
  }
  /** The week of ISO 8601: week 1 has the year's first Thursday. */
  week(): SqlExpression {
    return new SqlExpression(datePart(this, "week"));
  }
  day(): SqlExpression {
    return new SqlExpression(datePart(this, "day"));
  }
  /** Monday is 1, Sunday 7. */
  dayOfWeek(): SqlExpression {
    return new SqlExpression(datePart(this, "isodow"));
  }
  /** January 1st is 1. */
  dayOfYear(): SqlExpression {
    return new SqlExpression(datePart(this, "dayofyear"));
  }
  hour(): SqlExpression {
    return new SqlExpression(datePart(this, "hour"));
  }
  minute(): SqlExpression {
    return new SqlExpression(datePart(this, "minute"));
  }
  second(): SqlExpression {
    return new SqlExpression(datePart(this, "second"));
  }
  /** Seconds since 1970-01-01T00:00:00, with their fraction; what has no time zone counts as UTC. */
  epoch(): SqlExpression {
    return new SqlExpression(ofMoment(this, "epoch", ({ sql }) => `epoch(${sql})`, "DOUBLE"));
  }
  /** Seconds from another moment to this one. */
  secondsSince(other: Renderable): SqlExpression {
    return new SqlExpression(secondsBetween(this, other));
  }
  /** The beginning of the unit that the moment is in. */
  truncate(unit: TimeUnit): SqlExpression {
    return new SqlExpression(truncated(this, unit));
  }
  /** A number of units later, or earlier where it is negative; the last day of a month where it has no such day. */
  plus(amount: number, unit: TimeUnit): SqlExpression {
    return new SqlExpression(later(this, amount, unit));
  }
  /** The moment as text, by a pattern of `strftime`. */
  format(pattern: string): SqlExpression {
    const text = textLiteral(pattern);
    return new SqlExpression(ofMoment(this, "format", ({ sql }) => `strftime(${sql}, ${text})`, "VARCHAR"));
  }
  /** What a clock on the wall in that zone shows at this instant. */
  wallTimeIn(zone: string): SqlExpression {
    return new SqlExpression(zoned(this, zone, "timestamptz"));
  }
  /** The instant at which a clock on the wall in that zone shows this time. */
  instantIn(zone: string): SqlExpression {
    return new SqlExpression(zoned(this, zone, "timestamp"));
  }

  cast(type: CastType): SqlExpression {
    const native = nativeType(type);
    return this.#any((value) => made([value], native, `CAST(${value.sql} AS ${native})`));
  }
  tryCast(type: CastType): SqlExpression {
    const native = nativeType(type);
    return this.#any((value) => made([value], native, `TRY_CAST(${value.sql} AS ${native})`));
  }
  asc(): Order {
    return new Order(this, false);
  }
  desc(): Order {
    return new Order(this, true);
  }
  /** For each row, over the rows of a window around it. Without `orderBy` it is all rows of the partition. */
  over(window: WindowSpecification): SqlExpression {
    return new SqlExpression((scope) => {
      const rendered = this.render({ columns: scope.columns, over: windowClause(window, scope) });
      if (!rendered.usesGroup) throw new ColumnError(`over needs an aggregate or a window function`);
      return { ...rendered, usesGroup: false, usesRows: true, usesWindow: true };
    });
  }

  #any(make: (value: Rendered) => Rendered): SqlExpression {
    return new SqlExpression((scope) => make(this.render(scope)));
  }
}

/** A column by its name. Which columns there are, and of which types, the table says that it is used on. */
export function col<const Name extends string>(name: Name): Column<Name> {
  return typed<Column<Name>>(new SqlExpression((scope) => renderColumn(name, scope)));
}

/** A scalar expression of DuckDB's SQL with the type that it gives; the compiler does not look into it. */
export function sql<const T extends CastType>(text: string, type: T): ByGiven<T, unknown, "row"> {
  const native = nativeType(type);
  return typed<ByGiven<T, unknown, "row">>(
    new SqlExpression(() => ({
      // The line end closes a comment that the text may end with.
      sql: `CAST((${text}\n) AS ${native})`,
      type: native,
      label: `the SQL ${JSON.stringify(text)}`,
      usesRows: true,
      usesGroup: false,
      usesWindow: false,
    })),
  );
}

/** An expression with its types. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- it names the types that the caller declares
export function typed<E>(expression: SqlExpression): E {
  // SAFETY: the types describe what this expression does on a table; nothing of them is there when it runs.
  return expression as unknown as E;
}

/** What was given as an expression. Throws `TypeError` for anything else, which untyped code may hand over. */
export function untyped(value: unknown): SqlExpression {
  if (value instanceof SqlExpression) return value;
  throw new TypeError(`this is no expression over columns: ${String(value)}; begin with col("name")`);
}

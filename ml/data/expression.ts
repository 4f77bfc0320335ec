/**
 * @file Expressions over the columns of a table. They compute nothing: a table makes SQL of them.
 *
 * A value is null where an operand is null. Floating-point results are those of IEEE 754: a division by zero is infinite or
 * NaN, the root of a negative number NaN. NaN is a value: equal to itself and above all other numbers, as DuckDB orders it.
 */
import { columnType } from "./column-types.ts";
import { ColumnError } from "./errors.ts";
import type { Column, TimeUnit, WindowSpecification } from "./expression-methods.ts";
import type { ByGiven } from "./expression-types.ts";
import { isInteger, scaleOf, widest, type Family } from "./families.ts";
import { literalAs, textLiteral, typeName, type Literal } from "./literals.ts";
import { nativeType, type CastType } from "./native-types.ts";
import {
  castTo,
  commonType,
  isExpression,
  made,
  renderAny,
  renderBeside,
  renderColumn,
  requireFamily,
  type Render,
  type Renderable,
  type Rendered,
  type Scope,
} from "./render.ts";
import { Order, windowClause } from "./order.ts";

/** An expression as it is when a program runs: how it becomes SQL. Its types are in `expression-types.ts`. */
export class SqlExpression {
  /** @internal */
  readonly render: Render;

  constructor(render: Render) {
    this.render = render;
  }

  add(other: Renderable): SqlExpression {
    return this.#arithmetic("+", other);
  }
  sub(other: Renderable): SqlExpression {
    return this.#arithmetic("-", other);
  }
  /** Decimals keep all their digits after the point. */
  mul(other: Renderable): SqlExpression {
    return this.#arithmetic("*", other);
  }
  /** The remainder, with the sign of the dividend; of whole numbers null for a divisor of zero. */
  mod(other: Renderable): SqlExpression {
    return this.#arithmetic("%", other);
  }
  /** The quotient with its fraction. */
  div(other: Renderable): SqlExpression {
    return this.#floating([other], (a, b) => `(${a} / ${b})`);
  }
  pow(other: Renderable): SqlExpression {
    return this.#floating([other], (a, b) => `pow(${a}, ${b})`);
  }
  neg(): SqlExpression {
    return this.#widened((value) => `(-${value})`);
  }
  abs(): SqlExpression {
    return this.#widened((value) => `abs(${value})`);
  }
  floor(): SqlExpression {
    return this.#widened((value, type) => (isInteger(type) ? value : `floor(${value})`));
  }
  ceil(): SqlExpression {
    return this.#widened((value, type) => (isInteger(type) ? value : `ceil(${value})`));
  }
  /** Rounds halves away from zero, to a number of digits after the point. */
  round(digits = 0): SqlExpression {
    if (!Number.isInteger(digits)) throw new RangeError(`digits must be a whole number, not ${digits}`);
    return this.#widened((value) => `round(${value}, ${digits})`);
  }
  /** -1, 0 or 1. */
  sign(): SqlExpression {
    return this.#floating([], (value) => `sign(${value})`, "BIGINT");
  }
  sqrt(): SqlExpression {
    return this.#floating(
      [],
      (value) => `CASE WHEN ${value} < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(${value}) END`,
    );
  }
  exp(): SqlExpression {
    return this.#floating([], (value) => `exp(${value})`);
  }
  /** The natural logarithm. */
  log(): SqlExpression {
    return this.#floating([], (value) => logarithm("ln", value));
  }
  log10(): SqlExpression {
    return this.#floating([], (value) => logarithm("log10", value));
  }
  /** The nearest number between two; null and NaN stay. */
  clip(low: number, high: number): SqlExpression {
    return this.#as("clip", ["number"], (value) => {
      const [from, to] = [literalAs(low, value).sql, literalAs(high, value).sql];
      const isNumber = isFloat(value.type) ? `NOT isnan(${value.sql}) AND ` : "";
      return made(
        [value],
        value.type,
        `CASE WHEN ${value.sql} < ${from} THEN ${from} WHEN ${isNumber}${value.sql} > ${to} THEN ${to} ELSE ${value.sql} END`,
      );
    });
  }
  isNaN(): SqlExpression {
    return this.#floating([], (value) => `isnan(${value})`, "BOOLEAN");
  }
  isFinite(): SqlExpression {
    return this.#floating([], (value) => `isfinite(${value})`, "BOOLEAN");
  }

  eq(other: Renderable): SqlExpression {
    return this.#compared("=", other);
  }
  ne(other: Renderable): SqlExpression {
    return this.#compared("<>", other);
  }
  gt(other: Renderable): SqlExpression {
    return this.#compared(">", other);
  }
  ge(other: Renderable): SqlExpression {
    return this.#compared(">=", other);
  }
  lt(other: Renderable): SqlExpression {
    return this.#compared("<", other);
  }
  le(other: Renderable): SqlExpression {
    return this.#compared("<=", other);
  }
  /** From `low` to `high`, both included. */
  between(low: Renderable, high: Renderable): SqlExpression {
    return this.ge(low).and(this.le(high));
  }
  /** One of these values; null for a null, false for no values. */
  isIn(values: readonly Literal[]): SqlExpression {
    return new SqlExpression((scope) => {
      const value = comparable(this.render(scope));
      const list = values.map((each) => renderBeside(each, value, scope).sql);
      const sql = list.length === 0 ? "false" : `(${value.sql} IN (${list.join(", ")}))`;
      return made([value], "BOOLEAN", sql);
    });
  }
  isNull(): SqlExpression {
    return this.#any((value) => made([value], "BOOLEAN", `(${value.sql} IS NULL)`));
  }
  isNotNull(): SqlExpression {
    return this.#any((value) => made([value], "BOOLEAN", `(${value.sql} IS NOT NULL)`));
  }
  /** Another value where this one is null. A plain value must fit the type. */
  fillNull(value: Renderable): SqlExpression {
    return new SqlExpression((scope) => {
      const self = this.render(scope);
      if (!isExpression(value)) {
        return made([self], self.type, `coalesce(${self.sql}, ${literalAs(value, self).sql})`);
      }
      const other = value.render(scope);
      const type = commonType([self.type, other.type]);
      return made([self, other], type, `coalesce(${castTo(self, type)}, ${castTo(other, type)})`);
    });
  }

  and(other: Renderable): SqlExpression {
    return this.#logical("AND", other);
  }
  or(other: Renderable): SqlExpression {
    return this.#logical("OR", other);
  }
  not(): SqlExpression {
    return this.#as("not", ["boolean"], (value) => made([value], "BOOLEAN", `(NOT ${value.sql})`));
  }

  lower(): SqlExpression {
    return this.#text("lower", (value) => `lower(${value})`);
  }
  /** Each letter's own capital: "ß" stays one letter. */
  upper(): SqlExpression {
    return this.#text("upper", (value) => `upper(${value})`);
  }
  /** Without spaces, tabs and line ends around it. */
  trim(): SqlExpression {
    return this.#text("trim", (value) => `trim(${value}, ' ' || chr(9) || chr(10) || chr(13))`);
  }
  /** Characters: code points of Unicode. */
  length(): SqlExpression {
    return this.#text("length", (value) => `length(${value})`, "BIGINT");
  }
  /** Characters from `start` to before `end`, counted from 0. */
  slice(start: number, end?: number): SqlExpression {
    for (const position of [start, end ?? 0]) {
      if (!Number.isInteger(position) || position < 0) {
        throw new RangeError(`slice counts characters from 0, not from ${position}`);
      }
    }
    const length = end === undefined ? "" : `, ${Math.max(0, end - start)}`;
    return this.#text("slice", (value) => `substring(${value}, ${start + 1}${length})`);
  }
  contains(part: string): SqlExpression {
    return this.#text("contains", (value) => `contains(${value}, ${textLiteral(part)})`, "BOOLEAN");
  }
  startsWith(part: string): SqlExpression {
    return this.#text("startsWith", (value) => `starts_with(${value}, ${textLiteral(part)})`, "BOOLEAN");
  }
  endsWith(part: string): SqlExpression {
    return this.#text("endsWith", (value) => `ends_with(${value}, ${textLiteral(part)})`, "BOOLEAN");
  }
  /** Whether the pattern is found. Patterns are RE2's: no look-around and no back-references; flags `i`, `m`, `s` count. */
  matches(pattern: RegExp): SqlExpression {
    const terms = [textLiteral(pattern.source), textLiteral(flagsOf(pattern))].join(", ");
    return this.#text("matches", (value) => `regexp_matches(${value}, ${terms})`, "BOOLEAN");
  }
  /** What the pattern, or a group of it, found; null where it found nothing. */
  extract(pattern: RegExp, group = 0): SqlExpression {
    if (!Number.isInteger(group) || group < 0) throw new RangeError(`there is no group ${group}`);
    const [source, flags] = [textLiteral(pattern.source), textLiteral(flagsOf(pattern))];
    return this.#text(
      "extract",
      (value) =>
        `CASE WHEN regexp_matches(${value}, ${source}, ${flags}) THEN regexp_extract(${value}, ${source}, ${group}, ${flags}) END`,
    );
  }
  /** Every text or match replaced; in the replacement of a pattern `\1` is its first group. */
  replace(found: string | RegExp, replacement: string): SqlExpression {
    const to = textLiteral(replacement);
    return this.#text("replace", (value) =>
      typeof found === "string"
        ? `replace(${value}, ${textLiteral(found)}, ${to})`
        : `regexp_replace(${value}, ${textLiteral(found.source)}, ${to}, ${textLiteral(`g${flagsOf(found)}`)})`,
    );
  }
  concat(other: Renderable): SqlExpression {
    return new SqlExpression((scope) => {
      const left = requireFamily(this.render(scope), "concat", "string");
      const right = requireFamily(renderAny(other, scope), "concat", "string");
      return made([left, right], "VARCHAR", `(${castTo(left, "VARCHAR")} || ${castTo(right, "VARCHAR")})`);
    });
  }

  year(): SqlExpression {
    return this.#datePart("year");
  }
  quarter(): SqlExpression {
    return this.#datePart("quarter");
  }
  month(): SqlExpression {
    return this.#datePart("month");
  }
  /** The week of ISO 8601: week 1 has the year's first Thursday. */
  week(): SqlExpression {
    return this.#datePart("week");
  }
  day(): SqlExpression {
    return this.#datePart("day");
  }
  /** Monday is 1, Sunday 7. */
  dayOfWeek(): SqlExpression {
    return this.#datePart("isodow");
  }
  /** January 1st is 1. */
  dayOfYear(): SqlExpression {
    return this.#datePart("dayofyear");
  }
  hour(): SqlExpression {
    return this.#datePart("hour");
  }
  minute(): SqlExpression {
    return this.#datePart("minute");
  }
  second(): SqlExpression {
    return this.#datePart("second");
  }
  /** Seconds since 1970-01-01T00:00:00, with their fraction; what has no time zone counts as UTC. */
  epoch(): SqlExpression {
    return this.#as("epoch", ["date"], (value) => made([value], "DOUBLE", `epoch(${value.sql})`));
  }
  /** Seconds from another moment to this one. */
  secondsSince(other: Renderable): SqlExpression {
    return new SqlExpression((scope) => {
      const self = requireFamily(this.render(scope), "secondsSince", "date");
      const from = renderBeside(other, self, scope);
      return made([self, from], "DOUBLE", `(epoch(${self.sql}) - epoch(${from.sql}))`);
    });
  }
  /** The beginning of the unit that the moment is in. */
  truncate(unit: TimeUnit): SqlExpression {
    return this.#as("truncate", ["date"], (value) => {
      requireUnit(unit, value);
      const sql = `date_trunc('${unit}', ${value.sql})`;
      return made([value], value.type, `CAST(${sql} AS ${value.type})`);
    });
  }
  /** A number of units later, or earlier where it is negative; the last day of a month where it has no such day. */
  plus(amount: number, unit: TimeUnit): SqlExpression {
    if (!Number.isInteger(amount)) throw new RangeError(`plus takes whole ${unit}s, not ${amount}`);
    return this.#as("plus", ["date"], (value) => {
      requireUnit(unit, value);
      const sql = `(${value.sql} + CAST('${amount} ${unit}' AS INTERVAL))`;
      return made([value], value.type, `CAST(${sql} AS ${value.type})`);
    });
  }
  /** The moment as text, by a pattern of `strftime`. */
  format(pattern: string): SqlExpression {
    return this.#as("format", ["date"], (value) =>
      made([value], "VARCHAR", `strftime(${value.sql}, ${textLiteral(pattern)})`),
    );
  }
  /** What a clock on the wall in that zone shows at this instant. */
  wallTimeIn(zone: string): SqlExpression {
    return this.#zoned(zone, "timestamptz", "TIMESTAMP");
  }
  /** The instant at which a clock on the wall in that zone shows this time. */
  instantIn(zone: string): SqlExpression {
    return this.#zoned(zone, "timestamp", "TIMESTAMP WITH TIME ZONE");
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
  #as(
    use: string,
    families: readonly Family[],
    make: (value: Rendered, scope: Scope) => Rendered,
  ): SqlExpression {
    return new SqlExpression((scope) => make(requireFamily(this.render(scope), use, ...families), scope));
  }
  #arithmetic(operator: "+" | "-" | "*" | "%", other: Renderable): SqlExpression {
    return new SqlExpression((scope) => {
      const left = requireFamily(this.render(scope), `"${operator}"`, "number");
      const right = requireFamily(renderAny(other, scope), `"${operator}"`, "number");
      const type = widest([left.type, right.type]);
      if (operator === "*" && type.startsWith("DECIMAL")) return product(left, right);
      return made([left, right], type, `(${castTo(left, type)} ${operator} ${castTo(right, type)})`);
    });
  }
  #floating(
    others: readonly Renderable[],
    make: (...values: readonly string[]) => string,
    type = "DOUBLE",
  ): SqlExpression {
    return new SqlExpression((scope) => {
      const values = [this.render(scope), ...others.map((other) => renderAny(other, scope))].map((value) =>
        requireFamily(value, "arithmetic", "number"),
      );
      const sql = make(...values.map((value) => castTo(value, "DOUBLE")));
      return made(values, type, type === "BIGINT" ? `CAST(${sql} AS BIGINT)` : sql);
    });
  }
  #widened(make: (value: string, type: string) => string): SqlExpression {
    return this.#as("arithmetic", ["number"], (value) => {
      const type = widest([value.type]);
      return made([value], type, `CAST(${make(castTo(value, type), type)} AS ${type})`);
    });
  }
  #compared(operator: string, other: Renderable): SqlExpression {
    return new SqlExpression((scope) => {
      const left = comparable(this.render(scope));
      const right = comparable(renderBeside(other, left, scope));
      return made([left, right], "BOOLEAN", `(${left.sql} ${operator} ${right.sql})`);
    });
  }
  #logical(operator: string, other: Renderable): SqlExpression {
    return new SqlExpression((scope) => {
      const left = requireFamily(this.render(scope), operator, "boolean");
      const right = requireFamily(renderAny(other, scope), operator, "boolean");
      return made([left, right], "BOOLEAN", `(${left.sql} ${operator} ${right.sql})`);
    });
  }
  #text(use: string, make: (value: string) => string, type = "VARCHAR"): SqlExpression {
    return this.#as(use, ["string"], (value) => made([value], type, make(castTo(value, "VARCHAR"))));
  }
  #datePart(part: string): SqlExpression {
    return this.#as(part, ["date"], (value) => made([value], "BIGINT", `date_part('${part}', ${value.sql})`));
  }
  #zoned(zone: string, from: "timestamp" | "timestamptz", to: string): SqlExpression {
    return this.#any((value) => {
      if (columnType(value.type) !== from) {
        throw new ColumnError(`${value.label} is ${typeName(value.type)}; a time zone needs a ${from} here`);
      }
      return made([value], to, `(${value.sql} AT TIME ZONE ${textLiteral(zone)})`);
    });
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

function product(left: Rendered, right: Rendered): Rendered {
  const scale = scaleOf(left.type) + scaleOf(right.type);
  if (scale > 38)
    throw new ColumnError(`the product has ${scale} digits after the point, and a decimal at most 38`);
  const [a, b] = [left, right].map((value) => castTo(value, `DECIMAL(38,${scaleOf(value.type)})`));
  return made([left, right], `DECIMAL(38,${scale})`, `(${a} * ${b})`);
}

/** Enumerations and identifiers are compared as texts, so that a text which is none of theirs is no error. */
function comparable(value: Rendered): Rendered {
  return columnType(value.type) === "string" || columnType(value.type) === "uuid"
    ? { ...value, sql: castTo(value, "VARCHAR"), type: "VARCHAR" }
    : value;
}

function requireUnit(unit: TimeUnit, { type, label }: Rendered): void {
  if (type === "DATE" && ["hour", "minute", "second"].includes(unit)) {
    throw new ColumnError(`${label} is a date, which has no ${unit}s; cast("timestamp") first`);
  }
}

/** DuckDB fails where IEEE 754 has a result. */
function logarithm(name: "ln" | "log10", value: string): string {
  return `CASE WHEN ${value} < 0 THEN CAST('NaN' AS DOUBLE) WHEN ${value} = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE ${name}(${value}) END`;
}

function isFloat(type: string): boolean {
  return type === "FLOAT" || type === "DOUBLE";
}

function flagsOf({ flags }: RegExp): string {
  // DuckDB's "m" means that "." matches no line end, which is what no flag means in JavaScript.
  return `${flags.includes("i") ? "i" : "c"}${flags.includes("s") ? "s" : ""}`;
}

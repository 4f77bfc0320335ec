/** @file Numbers as SQL: whole ones are widened before they are computed with, so that none overflows unseen. */
import { ColumnError } from "./errors.ts";
import { scaleOf, widest } from "./families.ts";
import { literalAs } from "./literals.ts";
import {
  castTo,
  made,
  renderAny,
  requireFamily,
  type Render,
  type Renderable,
  type Rendered,
} from "./render.ts";

/** Whatever becomes SQL. */
export interface Operand {
  readonly render: Render;
}

/** A sum, difference, product or remainder, of the widest type of both. */
export function arithmetic(self: Operand, operator: "+" | "-" | "*" | "%", other: Renderable): Render {
  return (scope) => {
    const left = requireFamily(self.render(scope), `"${operator}"`, "number");
    const right = requireFamily(renderAny(other, scope), `"${operator}"`, "number");
    const type = widest([left.type, right.type]);
    if (operator === "*" && type.startsWith("DECIMAL")) return product(left, right);
    return made([left, right], type, `(${castTo(left, type)} ${operator} ${castTo(right, type)})`);
  };
}

/** A function of floating-point numbers. */
export function floating(
  values: readonly Renderable[],
  make: (...values: readonly string[]) => string,
  type = "DOUBLE",
): Render {
  return (scope) => {
    const rendered = values.map((value) => requireFamily(renderAny(value, scope), "arithmetic", "number"));
    const sql = make(...rendered.map((value) => castTo(value, "DOUBLE")));
    return made(rendered, type, type === "BIGINT" ? `CAST(${sql} AS BIGINT)` : sql);
  };
}

/** A function of a number that gives one of the same type, but wide. */
export function widened(self: Operand, make: (value: string, type: string) => string): Render {
  return (scope) => {
    const value = requireFamily(self.render(scope), "arithmetic", "number");
    const type = widest([value.type]);
    return made([value], type, `CAST(${make(castTo(value, type), type)} AS ${type})`);
  };
}

/** A number between two, of its own type. */
export function clipped(self: Operand, low: number, high: number): Render {
  return (scope) => {
    const value = requireFamily(self.render(scope), "clip", "number");
    const [from, to] = [literalAs(low, value).sql, literalAs(high, value).sql];
    const isNumber = value.type === "FLOAT" || value.type === "DOUBLE" ? `NOT isnan(${value.sql}) AND ` : "";
    return made(
      [value],
      value.type,
      `CASE WHEN ${value.sql} < ${from} THEN ${from} WHEN ${isNumber}${value.sql} > ${to} THEN ${to} ELSE ${value.sql} END`,
    );
  };
}

/** A root or logarithm as in IEEE 754, where DuckDB fails: NaN of what is negative, and minus infinity is log of zero. */
export function partial(name: "sqrt" | "ln" | "log10", value: string): string {
  const zero = name === "sqrt" ? "" : ` WHEN ${value} = 0 THEN CAST('-Infinity' AS DOUBLE)`;
  return `CASE WHEN ${value} < 0 THEN CAST('NaN' AS DOUBLE)${zero} ELSE ${name}(${value}) END`;
}

function product(left: Rendered, right: Rendered): Rendered {
  const scale = scaleOf(left.type) + scaleOf(right.type);
  if (scale > 38) {
    throw new ColumnError(`the product has ${scale} digits after the point, and a decimal at most 38`);
  }
  const [a, b] = [left, right].map((value) => castTo(value, `DECIMAL(38,${scaleOf(value.type)})`));
  return made([left, right], `DECIMAL(38,${scale})`, `(${a} * ${b})`);
}

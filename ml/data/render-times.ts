/** @file Days and instants as SQL. The database's zone is UTC. */
import { columnType } from "./column-types.ts";
import { ColumnError } from "./errors.ts";
import type { TimeUnit } from "./expression-methods.ts";
import { textLiteral, typeName } from "./literals.ts";
import { made, renderBeside, requireFamily, type Render, type Renderable, type Rendered } from "./render.ts";
import type { Operand } from "./render-numbers.ts";

/** A part of a moment, as a number. */
export function datePart(self: Operand, part: string): Render {
  return ofMoment(self, part, ({ sql }) => `date_part('${part}', ${sql})`, "BIGINT");
}

/** A function of a moment; of the moment's own type where none is given. */
export function ofMoment(
  self: Operand,
  use: string,
  make: (value: Rendered) => string,
  type?: string,
): Render {
  return (scope) => {
    const value = requireFamily(self.render(scope), use, "date");
    const sql = make(value);
    return made([value], type ?? value.type, type === undefined ? `CAST(${sql} AS ${value.type})` : sql);
  };
}

/** Seconds from one moment to another. */
export function secondsBetween(self: Operand, other: Renderable): Render {
  return (scope) => {
    const to = requireFamily(self.render(scope), "secondsSince", "date");
    const from = renderBeside(other, to, scope);
    return made([to, from], "DOUBLE", `(epoch(${to.sql}) - epoch(${from.sql}))`);
  };
}

/** The beginning of a unit. */
export function truncated(self: Operand, unit: TimeUnit): Render {
  return ofMoment(self, "truncate", (value) => {
    requireUnit(unit, value);
    return `date_trunc(${textLiteral(unit)}, ${value.sql})`;
  });
}

/** Some units later. Throws `RangeError` for parts of units. */
export function later(self: Operand, amount: number, unit: TimeUnit): Render {
  if (!Number.isInteger(amount)) throw new RangeError(`plus takes whole ${unit}s, not ${amount}`);
  return ofMoment(self, "plus", (value) => {
    requireUnit(unit, value);
    return `(${value.sql} + CAST(${textLiteral(`${amount} ${unit}`)} AS INTERVAL))`;
  });
}

/** From an instant to the time on a wall, or back. */
export function zoned(self: Operand, zone: string, from: "timestamp" | "timestamptz"): Render {
  const to = from === "timestamp" ? "TIMESTAMP WITH TIME ZONE" : "TIMESTAMP";
  return (scope) => {
    const value = self.render(scope);
    if (columnType(value.type) !== from) {
      throw new ColumnError(`${value.label} is ${typeName(value.type)}; a time zone needs a ${from} here`);
    }
    return made([value], to, `(${value.sql} AT TIME ZONE ${textLiteral(zone)})`);
  };
}

const units: ReadonlySet<string> = new Set<TimeUnit>([
  "year",
  "quarter",
  "month",
  "week",
  "day",
  "hour",
  "minute",
  "second",
]);

function requireUnit(unit: TimeUnit, { type, label }: Rendered): void {
  if (!units.has(unit))
    throw new RangeError(`there is no unit "${unit}"; use one of ${[...units].join(", ")}`);
  if (type === "DATE" && ["hour", "minute", "second"].includes(unit)) {
    throw new ColumnError(`${label} is a date, which has no ${unit}s; cast("timestamp") first`);
  }
}

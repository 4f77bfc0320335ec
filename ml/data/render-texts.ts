/** @file Texts as SQL. Patterns are RE2's. */
import { textLiteral } from "./literals.ts";
import { castTo, made, renderAny, requireFamily, type Render, type Renderable } from "./render.ts";
import type { Operand } from "./render-numbers.ts";

/** A function of a text. */
export function ofText(
  self: Operand,
  use: string,
  make: (value: string) => string,
  type = "VARCHAR",
): Render {
  return (scope) => {
    const value = requireFamily(self.render(scope), use, "string");
    return made([value], type, make(castTo(value, "VARCHAR")));
  };
}

/** One text after the other. */
export function joined(self: Operand, other: Renderable): Render {
  return (scope) => {
    const left = requireFamily(self.render(scope), "concat", "string");
    const right = requireFamily(renderAny(other, scope), "concat", "string");
    return made([left, right], "VARCHAR", `(${castTo(left, "VARCHAR")} || ${castTo(right, "VARCHAR")})`);
  };
}

/** Characters from a place until before another, counted from 0. Throws `RangeError` for what is no place. */
export function sliced(self: Operand, start: number, end: number | undefined): Render {
  for (const place of [start, end ?? 0]) {
    if (!Number.isInteger(place) || place < 0) {
      throw new RangeError(`slice counts characters from 0, not from ${place}`);
    }
  }
  const length = end === undefined ? "" : `, ${Math.max(0, end - start)}`;
  return ofText(self, "slice", (value) => `substring(${value}, ${start + 1}${length})`);
}

/** Whether a pattern is found. */
export function matched(self: Operand, pattern: RegExp): Render {
  return ofText(self, "matches", (value) => found(value, pattern), "BOOLEAN");
}

/** What a group of a pattern found; null where it found nothing. Throws `RangeError` for what is no group. */
export function extracted(self: Operand, pattern: RegExp, group: number): Render {
  if (!Number.isInteger(group) || group < 0) throw new RangeError(`there is no group ${group}`);
  const [source, flags] = [textLiteral(pattern.source), textLiteral(flagsOf(pattern))];
  return ofText(
    self,
    "extract",
    (value) =>
      `CASE WHEN ${found(value, pattern)} THEN regexp_extract(${value}, ${source}, ${group}, ${flags}) END`,
  );
}

/** Every text or match replaced. */
export function replaced(self: Operand, what: string | RegExp, replacement: string): Render {
  const to = textLiteral(replacement);
  return ofText(self, "replace", (value) =>
    typeof what === "string"
      ? `replace(${value}, ${textLiteral(what)}, ${to})`
      : `regexp_replace(${value}, ${textLiteral(what.source)}, ${to}, ${textLiteral(`g${flagsOf(what)}`)})`,
  );
}

function found(value: string, pattern: RegExp): string {
  return `regexp_matches(${value}, ${textLiteral(pattern.source)}, ${textLiteral(flagsOf(pattern))})`;
}

function flagsOf({ flags }: RegExp): string {
  // DuckDB's "m" means that "." matches no line end, which is what no flag means in JavaScript.
  return `${flags.includes("i") ? "i" : "c"}${flags.includes("s") ? "s" : ""}`;
}

/** @file Cells that end in an object literal: `{ a: 1 }` would be a block, but a notebook means the object. */
import { parseSync } from "oxc-parser";
import type { SourceEdit } from "./analysis.ts";

const options = { lang: "ts", sourceType: "module", preserveParens: false } as const;

/** The parentheses that make the object literal at a cell's end an expression; nothing where there is none. */
export function objectLiteralEdits(source: string): readonly SourceEdit[] {
  const code = source.replace(/;?\s*$/, "");
  for (const { index } of [...code.matchAll(/^[ \t]*\{/gm)].toReversed()) {
    const start = code.indexOf("{", index);
    const { program, errors } = parseSync("cell.ts", `(${code.slice(start)}\n)`, options);
    const [statement] = program.body;
    if (errors.length > 0 || program.body.length !== 1 || statement?.type !== "ExpressionStatement") continue;
    if (statement.expression.type !== "ObjectExpression" || !startsStatement(code.slice(0, start))) continue;
    return [
      { start, end: start, text: ";(" },
      { start: source.length, end: source.length, text: "\n)" },
    ];
  }
  return [];
}

/** False where a brace would belong to what comes before it, as in a function body on its own line. */
function startsStatement(before: string): boolean {
  if (before.trim() === "") return true;
  const alone = parseSync("cell.ts", before, options);
  if (alone.errors.length > 0) return false;
  return parseSync("cell.ts", `${before}{}`, options).program.body.length === alone.program.body.length + 1;
}

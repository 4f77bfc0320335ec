/**
 * @file A cell that is, or ends in, an object literal: `{ a: 1 }` would be a block. As in other REPLs it is taken as
 * an expression where that parses.
 */
import { codeEnd } from "./last-statement.ts";
import { oxcParser } from "./oxc.ts";
import type { SourceInsertion } from "./source-map.ts";

export interface ParenthesizedCell {
  readonly source: string;
  readonly insertion: SourceInsertion;
}

/** The cell with its trailing object literal in parentheses, or undefined where it doesn't end in one. */
export function parenthesizeObjectLiteral(source: string): ParenthesizedCell | undefined {
  const end = braceEnd(source);
  if (end === undefined) return undefined;
  for (const { index } of [...source.matchAll(/^[ \t]*\{/gm)].toReversed()) {
    const start = source.indexOf("{", index);
    const before = source.slice(0, start);
    const candidate = oxcParser().parseSync("cell.ts", `(${source.slice(start, end)})`, {
      lang: "ts",
      sourceType: "module",
    });
    const statement = candidate.program.body[0];
    if (candidate.errors.length > 0 || statement?.type !== "ExpressionStatement") continue;
    const inner =
      statement.expression.type === "ParenthesizedExpression" ? statement.expression.expression : undefined;
    if (inner?.type !== "ObjectExpression" || candidate.program.body.length !== 1) continue;
    const parenthesis = ";(";
    const text = `${before}${parenthesis}${source.slice(start, end)})${source.slice(end)}`;
    const line = before.split("\n").length - 1;
    const column = start - (before.lastIndexOf("\n") + 1);
    if (!endsAStatement(before)) continue;
    return { source: text, insertion: { line, column, length: parenthesis.length } };
  }
  return undefined;
}

/** The offset behind the cell's last brace, if only comments follow. */
function braceEnd(source: string): number | undefined {
  const end = codeEnd(source);
  if (source[end - 1] === "}") return end;
  // A source that doesn't parse has no list of comments.
  const tail = /\}(?=\s*(?:\/\/[^\n]*|\/\*[^*]*\*\/)\s*$)/.exec(source);
  return tail === null ? undefined : tail.index + 1;
}

/** False where the brace belongs to what comes before it, as in a function body on its own line. */
function endsAStatement(before: string): boolean {
  if (before.trim() === "") return true;
  const alone = oxcParser().parseSync("cell.ts", before, { lang: "ts", sourceType: "module" });
  const withBlock = oxcParser().parseSync("cell.ts", `${before}{}`, { lang: "ts", sourceType: "module" });
  if (alone.errors.length > 0) return false;
  // A brace that continues a statement doesn't add one.
  return withBlock.program.body.length === alone.program.body.length + 1;
}

/** @file Looks at the end of a cell's own source: is there a value to show? */
import { oxcParser } from "./oxc.ts";

/** Erased declarations at the start of a line: with one of them the JavaScript's last statement may not be the source's. */
const erasedDeclaration =
  /^[ \t]*(?:export\s+)?(?:interface|type|declare|import|abstract|namespace|module)\b/m;

/**
 * True where the cell ends in an expression without a semicolon. `lastIsExpression` says whether the JavaScript's
 * last statement is one; undefined where the lowering moved statements around.
 */
export function showsResult(source: string, lastIsExpression: boolean | undefined): boolean {
  if (lastIsExpression === false) return false;
  if (lastIsExpression === undefined || erasedDeclaration.test(source)) {
    const last = oxcParser()
      .parseSync("cell.ts", source, { lang: "ts", sourceType: "module" })
      .program.body.at(-1);
    if (last === undefined) return false;
    const isExpression = last.type === "ExpressionStatement" || last.type === "ExportDefaultDeclaration";
    return isExpression && source[last.end - 1] !== ";";
  }
  return source[codeEnd(source) - 1] !== ";";
}

/** The offset behind the last character that is neither white space nor part of a comment. */
export function codeEnd(source: string): number {
  let end = source.trimEnd().length;
  const lastLine = source.slice(source.lastIndexOf("\n", end - 1) + 1, end);
  if (!lastLine.includes("//") && !source.startsWith("*/", end - 2)) return end;
  const { comments } = oxcParser().parseSync("cell.ts", source, { lang: "ts", sourceType: "module" });
  for (const comment of comments.toReversed()) {
    if (comment.end !== end) break;
    end = source.slice(0, comment.start).trimEnd().length;
  }
  return end;
}

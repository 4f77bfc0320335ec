/** @file The variable that a cell shows: the name that it ends in. */
import { parseCell } from "./analyse-cell.ts";
import { parseMagics } from "./magics.ts";

/** The name, where the cell's last statement is nothing but a name. */
export function shownName(source: string): string | undefined {
  const magics = parseMagics(source);
  if (magics.kind !== "lines") return undefined;
  const last = parseCell(magics.code).program.body.at(-1);
  if (last?.type !== "ExpressionStatement" || last.expression.type !== "Identifier") return undefined;
  return last.expression.name;
}

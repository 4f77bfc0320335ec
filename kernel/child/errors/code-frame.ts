/** @file The source lines around a failing place. */
import { cyan, dim, red } from "./ansi.ts";
import type { SourcePosition } from "./scripts.ts";

const linesAround = 2;
const widestLine = 160;

/** `Cell [3]:2:9` and the lines around it, numbered, with a caret below the column. */
export function codeFrame({ script, line, column }: SourcePosition): string[] {
  const lines = script.source.split(/\r?\n/);
  if (line > lines.length) return [];
  const first = Math.max(1, line - linesAround);
  const last = Math.min(lines.length, line + linesAround);
  const width = String(last).length;
  const frame = [cyan(`${script.label}:${line}:${column}`)];
  for (let number = first; number <= last; number += 1) {
    const text = lines[number - 1] ?? "";
    // A long line is cut around the place.
    const cut = number === line ? Math.max(0, column - widestLine / 2) : 0;
    const shown = text.slice(cut, cut + widestLine);
    const gutter = dim(`${String(number).padStart(width)} | `);
    frame.push(number === line ? `${red(">")} ${gutter}${shown}` : `  ${gutter}${shown}`);
    if (number !== line) continue;
    // Tabs stay tabs, so that the caret stands below what it marks.
    const indent = shown.slice(0, column - 1 - cut).replaceAll(/[^\t]/g, " ");
    frame.push(`  ${dim(`${" ".repeat(width)} | `)}${indent}${red("^")}`);
  }
  return frame;
}

/** @file Problems in a cell shown with the lines around them, in ANSI colours. */

const red = (text: string): string => `\u001B[31m${text}\u001B[39m`;
const bold = (text: string): string => `\u001B[1m${text}\u001B[22m`;
const dim = (text: string): string => `\u001B[2m${text}\u001B[22m`;
const cyan = (text: string): string => `\u001B[36m${text}\u001B[39m`;
const yellow = (text: string): string => `\u001B[33m${text}\u001B[39m`;

/** A problem at a range of a cell's source, in UTF-16 offsets. */
export interface Problem {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  /** What kind of problem, for example `TS2322`. */
  readonly label: string;
  readonly severity: "error" | "warning" | "suggestion";
}

/** Line and column, from 1, of an offset. */
export function lineAndColumn(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset);
  const lastBreak = before.lastIndexOf("\n");
  return { line: before.split("\n").length, column: offset - lastBreak };
}

/** The lines of one problem: where, what, and the source around it with the range underlined. */
export function formatProblem(source: string, problem: Problem, cell: string): string[] {
  const { line, column } = lineAndColumn(source, problem.start);
  const paint = problem.severity === "error" ? red : yellow;
  const [first = "", ...rest] = problem.message.split("\n");
  return [
    `${cyan(`${cell}:${line}:${column}`)} ${paint(bold(problem.label))}: ${first}`,
    ...rest,
    ...codeFrame(source, problem.start, problem.end, paint),
  ];
}

/** The source lines around a range, numbered, with the range underlined. */
function codeFrame(source: string, start: number, end: number, paint: (text: string) => string): string[] {
  const lines = source.split("\n");
  const { line, column } = lineAndColumn(source, start);
  const width = String(Math.min(line + 2, lines.length)).length;
  const frame: string[] = [];
  for (let number = Math.max(1, line - 2); number <= Math.min(line + 2, lines.length); number += 1) {
    const text = lines[number - 1] ?? "";
    const gutter = `${String(number).padStart(width)} | `;
    if (number !== line) {
      frame.push(`  ${dim(gutter)}${text}`);
      continue;
    }
    const underline = Math.max(1, Math.min(end - start, text.length - column + 1));
    // Tabs stay tabs, so that the underline stands below what it marks.
    const indent = text.slice(0, column - 1).replaceAll(/[^\t]/g, " ");
    frame.push(`${paint(">")} ${dim(gutter)}${text}`);
    frame.push(`  ${dim(`${" ".repeat(width)} | `)}${indent}${paint("~".repeat(underline))}`);
  }
  return frame;
}

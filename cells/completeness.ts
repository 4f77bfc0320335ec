/** @file Whether a cell could be run as it stands, for consoles that decide at each Enter whether to go on asking. */
import { parseCell } from "./analyse-cell.ts";
import { openBrackets } from "./brackets.ts";
import { parseMagics } from "./magics.ts";
import { objectLiteralEdits } from "./object-literal.ts";
import type { Completeness } from "./types.ts";

/** The indent of one level. */
const indent = "  ";

/** Tells whether a cell is complete, and how its next line would be indented if not. */
export function completeness(source: string): Completeness {
  const magics = parseMagics(source);
  if (magics.kind === "cell") {
    return /\n\s*$/.test(magics.body) ? { status: "complete" } : { status: "incomplete", indent: "" };
  }
  const { code } = magics;
  const { errors } = parseCell(code);
  if (errors.length === 0 || objectLiteralEdits(code).length > 0) return { status: "complete" };
  if (inComment(code)) return { status: "incomplete", indent: lastIndent(code) };
  const closers = openBrackets(code);
  if (closers !== "" && couldGoOn(code, closers)) {
    // A template's lines are its text: nothing is added to them.
    const depth = closers.includes("`") ? 0 : closers.length;
    return { status: "incomplete", indent: indent.repeat(depth) };
  }
  if (closers === "" && endsOpen(code)) return { status: "incomplete", indent: lastIndent(code) + indent };
  return { status: "invalid" };
}

/** True where the cell, closed here or after one more name, would be right so far. */
function couldGoOn(code: string, closers: string): boolean {
  const ends = [
    "",
    "x",
    "x: 1",
    ": 1",
    "() {}",
    " x",
    " = 1",
    " in x",
    " of x",
    "{}",
    "1",
    "case 1:",
    "x = 1",
    " => x",
    ";;",
    "x;;",
  ];
  return ends.some((end) =>
    tails(closers).some((tail) => parseCell(`${code}\n${end}${tail}`).errors.length === 0),
  );
}

/** Closing brackets, and what has to follow some of them: a body, a condition. */
function tails(closers: string): string[] {
  return [
    closers,
    `${closers}{}`,
    `${closers} => {}`,
    `${closers} from "x"`,
    `${closers} catch {}`,
    `${closers} while (1)`,
    `${closers};`,
  ];
}

/** True where all brackets are closed but the last statement is not finished: `const x =`, `a +`, `if (x)`. */
function endsOpen(code: string): boolean {
  return ["x", "{}", "x = 1", " from 'x'", "() {}", "x() {}", "x {}", "catch {}", "while (1)", "x: 1"].some(
    (end) => parseCell(`${code}\n${end}`).errors.length === 0,
  );
}

function inComment(code: string): boolean {
  const { errors } = parseCell(`${code}*/`);
  return errors.length === 0 && code.lastIndexOf("/*") > code.lastIndexOf("*/");
}

function lastIndent(code: string): string {
  const line = code.trimEnd().split("\n").at(-1) ?? "";
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}

/**
 * @file Magics: lines that start with `%`, and cells that start with `%%`.
 *
 * Only a line on which a statement can start is a magic; `%` inside templates, comments, or as the operator of an
 * expression that goes on from the line before is not.
 */
import { parseSync } from "oxc-parser";
import { openLiteral } from "./open-literal.ts";
import { childNodes } from "./scopes.ts";

/** A `%name args` line. Offsets are those of the whole line without leading white space and line end. */
export interface LineMagic {
  readonly name: string;
  readonly args: string;
  readonly start: number;
  readonly end: number;
}

export type ParsedMagics =
  /** A cell that is a magic as a whole; `body` is what follows its first line, from `bodyStart` on. */
  | {
      readonly kind: "cell";
      readonly name: string;
      readonly args: string;
      readonly body: string;
      readonly bodyStart: number;
    }
  /** TypeScript with some magics. `code` is as long as the source; the magics in it are blanks, timed expressions stay. */
  | { readonly kind: "lines"; readonly lines: readonly LineMagic[]; readonly code: string };

/** Magics whose argument is an expression that the notebook's program has to see. */
const timing: ReadonlySet<string> = new Set(["time", "timeit"]);

/** Finds a cell's magics. Whether they exist is for the kernel to say. */
export function parseMagics(source: string): ParsedMagics {
  const whole = /^\s*%%([a-zA-Z_][\w-]*)[ \t]*([^\r\n]*)(?:\r?\n|$)/.exec(source);
  if (whole !== null) {
    const [head, name = "", args = ""] = whole;
    return { kind: "cell", name, args: args.trim(), body: source.slice(head.length), bodyStart: head.length };
  }
  if (!/^[ \t]*%/m.test(source)) return { kind: "lines", lines: [], code: source };
  const candidates = Array.from(
    source.matchAll(/^([ \t]*)%([a-zA-Z_][\w-]*)(?![\w(.[])[ \t]*([^\r\n]*)/gm),
    (match) => {
      const [text, indent = "", name = "", args = ""] = match;
      const start = match.index + indent.length;
      return {
        name,
        args: args.trim(),
        start,
        end: match.index + text.length,
        argsStart: match.index + text.length - args.length,
      };
    },
  );
  const lines = atStatements(source, candidates);
  let code = source;
  for (const { name, start, end, argsStart } of lines) {
    const kept = timing.has(name) ? code.slice(argsStart, end) : "";
    code = `${code.slice(0, start)}${blanks(code.slice(start, end - kept.length))}${kept}${code.slice(end)}`;
  }
  return {
    kind: "lines",
    lines: lines.map(({ name, args, start, end }) => ({ name, args, start, end })),
    code,
  };
}

function blanks(text: string): string {
  // The semicolon keeps the statement before apart from a timed expression that starts with a bracket.
  return text === "" ? "" : `;${" ".repeat(text.length - 1)}`;
}

type Candidate = LineMagic & { readonly argsStart: number };

/**
 * Those lines that stand where a statement can start. Each candidate is replaced by an empty statement of the same
 * length: where the cell then has such a statement at that place, it is one.
 */
function atStatements(source: string, candidates: readonly Candidate[]): readonly Candidate[] {
  let text = source;
  const outside: Candidate[] = [];
  for (const candidate of candidates) {
    const { start, end } = candidate;
    if (openLiteral(text, start) !== undefined) continue;
    outside.push(candidate);
    text = `${text.slice(0, start)};${" ".repeat(end - start - 1)}${text.slice(end)}`;
  }
  const { program, errors } = parseSync("cell.ts", text, { lang: "ts", sourceType: "module" });
  if (errors.length > 0 && program.body.length === 0)
    return outside.filter(({ start }) => startsAfterStatement(source, start));
  const empty = new Set<number>();
  const waiting = [...childNodes(program)];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.type === "EmptyStatement") empty.add(node.start);
    else if (node.type === "ExpressionStatement" || node.type === "VariableDeclaration")
      empty.add(node.end - 1);
    waiting.push(...childNodes(node));
  }
  return outside.filter(({ start }) => empty.has(start) && !continues(source.slice(0, start)));
}

/** True where the text before ends in the middle of an expression that `%` could go on with. */
function continues(before: string): boolean {
  const trimmed = before.trimEnd();
  if (trimmed === "" || /[;{}]$/.test(trimmed)) return false;
  const { errors, program } = parseSync("cell.ts", trimmed, { lang: "ts", sourceType: "module" });
  if (errors.length > 0 || program.body.length === 0) return !/(?:^|\n)[ \t]*%[^\n]*$/.test(trimmed);
  return false;
}

/** For cells that do not parse anyway: the line before ends a statement. */
function startsAfterStatement(source: string, start: number): boolean {
  const before = source.slice(0, start).trimEnd();
  return before === "" || /[;{}]$/.test(before) || /(?:^|\n)[ \t]*%[^\n]*$/.test(before);
}

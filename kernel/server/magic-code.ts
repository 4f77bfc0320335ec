/** @file Magics turned into JavaScript that calls the child's magic functions. */
import type { ParsedMagics } from "../../cells/magics.ts";
import { helpText } from "./help.ts";

const magics = `globalThis[Symbol.for("tenon.magics")]`;

/** The line magics that exist, for messages and completion. */
export const lineMagics = ["time", "timeit", "npm", "env", "check", "help"] as const;
/** The cell magics that exist. */
export const cellMagics = ["html", "markdown", "bash", "check"] as const;

/** A magic that does not exist or is used wrongly. */
export class MagicError extends Error {
  override readonly name = "MagicError";
}

export type CheckMode = "on" | "off" | "warn";

/** What a cell asks for beyond its TypeScript. */
export interface MagicPlan {
  /** JavaScript that runs before the cell, in order. */
  readonly before: readonly string[];
  /** The TypeScript that remains, to be run; undefined for cells in another language. */
  readonly code: string | undefined;
  /** The same for the type checker: as long as the cell's source, so that its offsets hold. */
  readonly checked: string;
  /** A change of the check mode for this and later cells (`%check`), or for this cell only (`%%check`). */
  readonly checkMode: CheckMode | undefined;
  readonly checkScope: "session" | "cell";
  /** True where packages may have changed, so that types have to be looked up anew. */
  readonly installs: boolean;
}

/** Works out what a cell's magics do. @throws {MagicError} for unknown magics and wrong arguments. */
export function planMagics(parsed: ParsedMagics): MagicPlan {
  return parsed.kind === "cell" ? planCellMagic(parsed) : planLineMagics(parsed);
}

function planCellMagic(parsed: ParsedMagics & { kind: "cell" }): MagicPlan {
  const none = {
    before: [],
    code: undefined,
    checked: "",
    checkMode: undefined,
    checkScope: "cell",
    installs: false,
  } as const;
  const body = JSON.stringify(parsed.body);
  switch (parsed.name) {
    case "html":
      return { ...none, before: [`display.html(${body})`] };
    case "markdown":
      return { ...none, before: [`display.markdown(${body})`] };
    case "bash":
      return { ...none, before: [`await ${magics}.bash(${body})`], installs: true };
    case "check": {
      // The magic's own line becomes blanks, so that offsets hold.
      const code = `${" ".repeat(parsed.bodyStart - 1)}\n${parsed.body}`;
      return { ...none, code, checked: code, checkMode: checkMode(parsed.args) };
    }
    default:
      throw unknownMagic(
        `%%${parsed.name}`,
        cellMagics.map((name) => `%%${name}`),
      );
  }
}

function planLineMagics(parsed: ParsedMagics & { kind: "lines" }): MagicPlan {
  const before: string[] = [];
  let mode: CheckMode | undefined;
  let installs = false;
  let code = parsed.code;
  // From the last to the first: a replacement leaves the offsets before it as they are.
  for (const { name, args, start, end } of parsed.lines.toReversed()) {
    switch (name) {
      case "time":
      case "timeit":
        code = code.slice(0, start) + timedExpression(name, args) + code.slice(end);
        break;
      case "npm": {
        const words = splitWords(args);
        if (words.length === 0) throw new MagicError("%npm needs a command, for example %npm install lodash");
        before.unshift(`await ${magics}.npm(${JSON.stringify(words)})`);
        installs = true;
        break;
      }
      case "env":
        before.unshift(`${magics}.env(${JSON.stringify(args.trim())})`);
        break;
      case "check":
        mode ??= checkMode(args);
        break;
      case "help":
        before.unshift(`display.markdown(${JSON.stringify(helpText)})`);
        break;
      default:
        throw unknownMagic(
          `%${name}`,
          lineMagics.map((known) => `%${known}`),
        );
    }
  }
  return { before, code, checked: parsed.code, checkMode: mode, checkScope: "session", installs };
}

function timedExpression(name: "time" | "timeit", expression: string): string {
  const body = expression.trim().replace(/;$/, "");
  if (body === "") throw new MagicError(`%${name} needs an expression, for example %${name} fibonacci(20)`);
  const arrow = /\bawait\b/.test(body) ? "async () =>" : "() =>";
  return `await ${magics}.${name}(${arrow} (${body}))`;
}

function checkMode(args: string): CheckMode {
  const mode = args.trim();
  if (mode === "on" || mode === "off" || mode === "warn") return mode;
  throw new MagicError(`%check takes on, off or warn${mode === "" ? "" : `, not "${mode}"`}`);
}

/** Words as a shell splits them, with single and double quotes; nothing is expanded. */
function splitWords(text: string): string[] {
  const words = text.matchAll(/(?:"([^"]*)"|'([^']*)'|(\S+))/g);
  return Array.from(words, ([, double, single, plain]) => double ?? single ?? plain ?? "");
}

function unknownMagic(name: string, known: readonly string[]): MagicError {
  const [nearest] = known.toSorted((a, b) => editDistance(name, a) - editDistance(name, b));
  return new MagicError(`there is no ${name}; did you mean ${nearest}? %help lists them all`);
}

/** Levenshtein distance of two short words. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

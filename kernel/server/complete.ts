/** @file Answers complete_request: names by type, and magics. */
import type { CellCompletion } from "../../cells/types.ts";
import type { Checker } from "../checker/checker.ts";
import { cellMagics, lineMagics } from "./magic-code.ts";
import { codePointsBefore, offsetOfCodePoint } from "./text-positions.ts";

/** The content of complete_reply; `metadata` carries kinds and signatures as JupyterLab and IPython read them. */
export async function completeReply(
  checker: Checker,
  request: { readonly code: string; readonly cursor_pos: number },
): Promise<Readonly<Record<string, unknown>>> {
  const { code } = request;
  const offset = offsetOfCodePoint(code, request.cursor_pos);
  const { start, end, items } = completeMagic(code, offset) ?? (await checker.complete(code, offset));
  const cursor_start = codePointsBefore(code, start);
  const cursor_end = codePointsBefore(code, end);
  return {
    status: "ok",
    matches: items.map(({ text }) => text),
    cursor_start,
    cursor_end,
    metadata: {
      _jupyter_types_experimental: items.map(({ text, kind, detail }) => ({
        start: cursor_start,
        end: cursor_end,
        text,
        type: kind,
        signature: detail ?? "",
      })),
    },
  };
}

interface Completions {
  readonly start: number;
  readonly end: number;
  readonly items: readonly CellCompletion[];
}

/** Magic names after `%` at the start of a line, where nothing but the beginning of a magic stands. */
function completeMagic(code: string, offset: number): Completions | undefined {
  const lineStart = code.lastIndexOf("\n", offset - 1) + 1;
  const typed = /^\s*(%%?[a-z]*)$/.exec(code.slice(lineStart, offset))?.[1];
  if (typed === undefined) return undefined;
  const first = code.slice(0, lineStart).trim() === "";
  const known = [
    ...lineMagics.map((name) => `%${name}`),
    ...(first ? cellMagics.map((name) => `%%${name}`) : []),
  ];
  const items = known
    .filter((name) => name.startsWith(typed))
    .map((text) => ({ text, kind: "magic", detail: undefined }));
  return { start: offset - typed.length, end: offset, items };
}

/** @file What kind of place an offset in a cell is. */
import { openLiteral } from "../open-literal.ts";

export type Cursor =
  /** Names on their own. */
  | { readonly kind: "name"; readonly start: number; readonly prefix: string }
  /** Behind a dot. */
  | { readonly kind: "member"; readonly start: number; readonly prefix: string }
  /** In a string; `imports` where it names a module. */
  | { readonly kind: "string"; readonly start: number; readonly prefix: string; readonly imports: boolean }
  /** Comments, regular expressions, numbers: nothing to complete. */
  | { readonly kind: "none" };

/** Works out what stands before the offset, from the tokens before it. */
export function cursorAt(source: string, offset: number): Cursor {
  const open = openLiteral(source, offset);
  if (open?.kind === "comment") return { kind: "none" };
  if (open?.kind === "string") {
    const before = source.slice(0, open.start);
    const imports = /(?:\bfrom|\bimport|\b(?:import|require)\s*\()\s*["'`]$/.test(before);
    return { kind: "string", start: open.start, prefix: source.slice(open.start, offset), imports };
  }
  const prefix = /[#\p{ID_Continue}$]*$/u.exec(source.slice(0, offset))?.[0] ?? "";
  const start = offset - prefix.length;
  if (/^\d/.test(prefix)) return { kind: "none" };
  const before = source.slice(0, start).trimEnd();
  if (/(?:^|[^.])\.$/.test(before) && !/(?:^|[^\p{ID_Continue}$)\]])\d+\.$/u.test(before)) {
    return { kind: "member", start, prefix };
  }
  return { kind: "name", start, prefix };
}

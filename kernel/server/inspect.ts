/** @file Answers inspect_request: the declaration and the documentation of a name. */
import type { Checker } from "../checker/checker.ts";
import { offsetOfCodePoint } from "./text-positions.ts";

/** The content of inspect_reply, in plain text and Markdown. */
export async function inspectReply(
  checker: Checker,
  request: { readonly code: string; readonly cursor_pos: number; readonly detail_level: 0 | 1 },
): Promise<Readonly<Record<string, unknown>>> {
  const { code } = request;
  const found = await checker.inspect(code, offsetOfCodePoint(code, request.cursor_pos));
  if (found === undefined) return { status: "ok", found: false, data: {}, metadata: {} };
  const { signature, documentation } = found;
  return { status: "ok", found: true, data: documentationBundle(signature, documentation), metadata: {} };
}

/** A name's signature and doc comment as a MIME bundle. */
export function documentationBundle(signature: string, documentation: string): Record<string, string> {
  const fenced = `\`\`\`typescript\n${signature}\n\`\`\``;
  return {
    "text/plain": documentation === "" ? signature : `${signature}\n\n${documentation}`,
    "text/markdown": documentation === "" ? fenced : `${fenced}\n\n${documentation}`,
  };
}

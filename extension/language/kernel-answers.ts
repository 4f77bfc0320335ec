/** @file Completions and hovers for a cell as the kernel gives them, in VS Code's terms. */
import * as v from "valibot";
import type { KernelClient } from "../../jupyter/client.ts";
import { codePointsBefore, offsetOfCodePoint } from "./text-positions.ts";

/** Milliseconds after which nobody waits for an answer any more. */
const patience = 5000;

/** Something that can stand at the cursor. */
export interface KernelCompletion {
  readonly text: string;
  /** The kernel's word for what it is, for example `method`. */
  readonly kind: string;
  readonly signature: string;
}

export interface KernelCompletions {
  /** What is replaced, in UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  readonly items: readonly KernelCompletion[];
}

const typesSchema = v.array(
  v.object({
    text: v.string(),
    type: v.optional(v.string(), ""),
    signature: v.optional(v.string(), ""),
  }),
);

/** What can stand at a UTF-16 offset of a cell's text. */
export async function completionsAt(
  client: KernelClient,
  code: string,
  offset: number,
): Promise<KernelCompletions> {
  const reply = await client.complete(code, codePointsBefore(code, offset), { timeout: patience });
  const types = v.safeParse(typesSchema, reply.metadata?.["_jupyter_types_experimental"]);
  const known = new Map((types.success ? types.output : []).map((item) => [item.text, item]));
  return {
    start: offsetOfCodePoint(code, reply.cursor_start),
    end: offsetOfCodePoint(code, reply.cursor_end),
    items: reply.matches.map((text) => ({
      text,
      kind: known.get(text)?.type ?? "",
      signature: known.get(text)?.signature ?? "",
    })),
  };
}

/** What the kernel knows of the name at a UTF-16 offset, as Markdown; undefined where there is none. */
export async function hoverAt(
  client: KernelClient,
  code: string,
  offset: number,
): Promise<string | undefined> {
  const reply = await client.inspect(code, codePointsBefore(code, offset), 0, { timeout: patience });
  const markdown = reply.data["text/markdown"];
  return reply.found && typeof markdown === "string" ? markdown : undefined;
}

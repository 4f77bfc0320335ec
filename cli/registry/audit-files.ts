/** @file Exported audit logs: an entry a line, as JSON. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { canonicalJson } from "../../ml/registry/governance/canonical-json.ts";
import type { ChainedEntry } from "../../ml/registry/governance/audit/audit-entry.ts";
import { CommandFailure } from "../failure.ts";

const lineSchema = v.object({ sequence: v.number(), text: v.string(), hash: v.string() });

/** An entry as a line. */
export function entryLine({ sequence, text, hash }: ChainedEntry): string {
  return `${canonicalJson({ sequence, text, hash })}\n`;
}

/** The entries of an exported log. @throws {CommandFailure} for a line that is none */
export async function* entriesInFile(path: string): AsyncGenerator<ChainedEntry> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    number += 1;
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch (cause) {
      throw new CommandFailure(`${path}: line ${number} is no JSON`, undefined, { cause });
    }
    const parsed = v.safeParse(lineSchema, json);
    if (!parsed.success) throw new CommandFailure(`${path}: line ${number} is no entry of an audit log`);
    yield parsed.output;
  }
}

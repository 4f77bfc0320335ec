/** @file What the store refused, kept in a file beside the journals: a line of JSON for each entry, with the reason. */
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { textOf } from "./text-of.ts";
import { warn } from "./warn.ts";

/** Warnings of one run before the rest is only counted in the file. */
const shownWarnings = 5;

/** An entry that was refused. */
export interface RefusedEntry {
  /** `metric`, `param`, `tag`, or the call that was refused as a whole. */
  readonly kind: string;
  readonly entry: object;
  readonly reason: string;
}

export class RefusedFile {
  readonly #path: string;
  readonly #runId: string;
  #count = 0;

  constructor(journalFolder: string, runId: string) {
    this.#path = join(journalFolder, "refused", `${runId}.jsonl`);
    this.#runId = runId;
  }

  /** Keeps entries and warns. Never throws. */
  add(entries: readonly RefusedEntry[]): void {
    let kept = `kept in ${this.#path}`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      const time = new Date().toISOString();
      appendFileSync(this.#path, entries.map((entry) => `${textOf({ time, ...entry })}\n`).join(""));
    } catch (error) {
      kept = `lost, ${this.#path} can't be written: ${error instanceof Error ? error.message : String(error)}`;
    }
    for (const { kind, entry, reason } of entries) {
      this.#count += 1;
      if (this.#count > shownWarnings) continue;
      const more = this.#count === shownWarnings ? " More of them are told by that file only." : "";
      warn(`run ${this.#runId}: a ${kind} isn't logged: ${reason}: ${shown(entry)} is ${kept}.${more}`);
    }
  }
}

function shown(entry: object): string {
  const json = textOf(entry);
  return json.length > 200 ? `${json.slice(0, 200)}…` : json;
}

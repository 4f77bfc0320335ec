/** @file Rules that outlive the service. */
import { readFile } from "node:fs/promises";
import { writeFileAtomically } from "../../atomic-file.ts";
import { InvalidInputError } from "../../errors.ts";
import { parseRules, type TrafficRules } from "./rules.ts";

/**
 * The rules of a file; none where there is no file.
 * @throws {InvalidInputError} that names the file and the field, for a file that holds something else
 */
export async function readRules(path: string): Promise<TrafficRules> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (Object(error).code === "ENOENT") return { version: 1, models: {} };
    throw error;
  }
  try {
    return parseRules(JSON.parse(text));
  } catch (cause) {
    throw new InvalidInputError(`${path}: ${cause instanceof Error ? cause.message : "no JSON"}`, { cause });
  }
}

/** Writes rules to a file one after the other; the last one stays. */
export class RulesFile {
  readonly #path: string;
  #last: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Fulfilled when these rules, or later ones, are on the disk. */
  write(rules: TrafficRules): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(rules, undefined, 2)}\n`);
    const written = this.#last.then(() => writeFileAtomically(this.#path, [bytes]));
    this.#last = written.catch(() => {});
    return written;
  }
}

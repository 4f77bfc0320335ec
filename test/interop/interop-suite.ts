/** @file What an interop suite is: a program of others with our kernel or files, and counts of what worked. */
import * as v from "valibot";

export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What went wrong, one text for each failure. */
  readonly failures: readonly string[];
}

export interface InteropSuite {
  readonly name: string;
  /** What it shows, in a sentence for `docs/interop.md`. */
  readonly about: string;
  /** The peer and its version, for people. */
  readonly peer: string;
  run(): Promise<SuiteResult>;
}

const resultSchema = v.object({
  passed: v.number(),
  failed: v.number(),
  skipped: v.number(),
  failures: v.array(v.string()),
});

/** Reads the counts that a suite's program prints as the last line of its output. */
export function parseSuiteResult(output: string): SuiteResult | undefined {
  const line = output.trim().split("\n").at(-1) ?? "";
  try {
    return v.parse(resultSchema, JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** Counts checks that are made one after another; a failed one does not stop the others. */
export class Checks {
  #passed = 0;
  readonly #failures: string[] = [];

  async check(name: string, run: () => void | Promise<void>): Promise<void> {
    try {
      await run();
      this.#passed += 1;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failures.push(`${name}: ${reason}`);
    }
  }

  get result(): SuiteResult {
    return { passed: this.#passed, failed: this.#failures.length, skipped: 0, failures: this.#failures };
  }
}

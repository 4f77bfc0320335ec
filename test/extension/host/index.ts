/**
 * @file What VS Code runs inside its extension host: mocha over the suites bundled beside this file.
 *
 * The results go to the file that TENON_HOST_RESULTS names, for the test that started all this.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";
import type { HostResult } from "./result.ts";

/** Runs the suites. VS Code calls it and takes a rejection as failure. */
export async function run(): Promise<void> {
  const results: HostResult[] = [];
  try {
    await runMocha(results);
  } catch (error) {
    results.push({ title: "loading the suites", state: "failed", message: messageOf(error) });
  }
  const path = process.env["TENON_HOST_RESULTS"];
  if (path !== undefined) writeFileSync(path, JSON.stringify(results));
  const failed = results.filter(({ state }) => state === "failed").length;
  if (failed > 0) throw new Error(`${failed} failed`);
}

async function runMocha(results: HostResult[]): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 30_000, reporter: Mocha.reporters.Base });
  mocha.addFile(join(import.meta.dirname, "suites.cjs"));
  await new Promise<number>((resolve) => {
    mocha
      .run(resolve)
      .on("pass", (test) => {
        results.push({ title: test.fullTitle(), state: "passed" });
      })
      .on("pending", (test) => {
        results.push({ title: test.fullTitle(), state: "skipped" });
      })
      .on("fail", (test, error: unknown) => {
        results.push({ title: test.fullTitle(), state: "failed", message: messageOf(error) });
      });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

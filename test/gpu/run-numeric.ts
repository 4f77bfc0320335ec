/** @file A file of the numeric suite in a process of its own, which alone can have another provider or Vulkan driver. */
import * as v from "valibot";
import { tryCommand } from "../support/run-command.ts";
import { programArguments } from "./programs.ts";
import type { TestResult } from "./collect-tests.ts";

const started = v.object({ provider: v.picklist(["cuda", "webgpu", "cpu"]) });
const result = v.object({
  file: v.string(),
  title: v.string(),
  milliseconds: v.number(),
  error: v.optional(v.string()),
});

/** What a file of the suite gave. */
export interface NumericResults {
  readonly provider: v.InferOutput<typeof started>["provider"];
  readonly results: readonly TestResult[];
}

/**
 * How often a file is run again whose process a driver ended (SIGSEGV): a Vulkan driver in software does so about once in
 * forty runs. A process that was given no device is run again once, since a process looks for drivers only once. A test that
 * fails for anything else is not run again.
 */
const patience = 2;

/** Runs a file of the suite on a provider. Throws where the process ends badly or writes anything else than results. */
export async function runNumeric(
  file: string,
  provider: NumericResults["provider"],
  env: Readonly<Record<string, string>>,
): Promise<NumericResults> {
  let refused = false;
  for (let crashes = 0; ; crashes++) {
    try {
      const found = await runOnce(file, provider, env);
      const refusal = found.results.find(({ error }) => error?.includes("WebGPU gave no device"));
      if (!refusal || refused) return found;
      refused = true;
      console.log(`      ${refusal.error}: run once more`);
    } catch (error) {
      const crashed = error instanceof Error && /ended by SIG(?:SEGV|ABRT|BUS|ILL)/.test(error.message);
      if (!crashed || crashes >= patience) throw error;
      console.log(`      ${error.message}: run once more`);
    }
  }
}

async function runOnce(
  file: string,
  provider: NumericResults["provider"],
  env: Readonly<Record<string, string>>,
): Promise<NumericResults> {
  const { code, stdout, stderr } = await tryCommand(
    process.execPath,
    programArguments("numeric-program", file),
    {
      env: { ...env, TENON_PROVIDER: provider },
    },
  );
  const [first = "", ...rest] = stdout.trim().split("\n");
  if (code !== 0) throw new Error(`${file} ended with code ${code}: ${stderr.trim() || first}`);
  return {
    ...v.parse(started, JSON.parse(first)),
    results: rest.map((line) => v.parse(result, JSON.parse(line)) as TestResult),
  };
}

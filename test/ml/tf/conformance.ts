/** @file What the conformance program says, and how it is run. */
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as v from "valibot";
import { runCommand } from "../../support/run-command.ts";

const numbers = v.record(
  v.string(),
  // A number that JSON has no word for arrives as null, and is equal to none.
  v.object({ dtype: v.string(), shape: v.array(v.number()), data: v.array(v.nullable(v.number())) }),
);
const results = v.object({
  backend: v.string(),
  cases: v.record(v.string(), v.union([v.object({ numbers }), v.object({ error: v.string() })])),
});

/** The tensors that a case gave, by name. */
export type Numbers = v.InferOutput<typeof numbers>;

/** What a backend gave for each case. */
export type BackendResults = v.InferOutput<typeof results>;

/** Runs all cases on a backend, in a process of its own. */
export async function runConformance(
  backend: string,
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<BackendResults> {
  const program = fileURLToPath(new URL("conformance-program.ts", import.meta.url));
  const { stdout } = await runCommand(
    process.execPath,
    ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href, program, backend],
    { env, ...(cwd === undefined ? {} : { cwd }) },
  );
  return v.parse(results, JSON.parse(stdout.slice(stdout.lastIndexOf("\n") + 1)));
}

/** @file What the compiler says of a folder of programs that use the library by its declarations, as users do. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { repositoryRoot } from "./repository.ts";

const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

/** How the compiler ended, and what it wrote; the last lines are its statistics. */
export interface Compilation {
  readonly status: number | null;
  readonly output: string;
  /** Instantiations of types that the programs cost, those of the library's own code not among them. */
  readonly instantiations: number;
}

/** Compiles a folder whose tsconfig.json refers to the library, after bringing the library's declarations up to date. */
export function compileTypes(folder: string): Compilation {
  const run = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [compiler, ...args], { encoding: "utf8", maxBuffer: 2 ** 26 });
  const library = run("-b", join(repositoryRoot, "ml"));
  if (library.status !== 0) throw new Error(`the library does not compile:\n${String(library.stdout)}`);
  const { status, stdout } = run("-p", folder, "--extendedDiagnostics");
  const output = String(stdout);
  return { status, output, instantiations: Number(/Instantiations:\s+(\d+)/.exec(output)?.[1]) };
}

/** @file Finds the native TypeScript compiler that npm installed for this machine. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The native compiler is missing or does not answer as the pinned version does. */
export class CompilerUnavailableError extends Error {
  override readonly name = "CompilerUnavailableError";
}

/**
 * The path of TypeScript's native executable.
 * @throws {CompilerUnavailableError} where npm left the platform's package out.
 */
export function compilerExecutable(): string {
  const packageName = `@typescript/typescript-${process.platform}-${process.arch}`;
  try {
    const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
    const native = dirname(createRequire(typescript).resolve(`${packageName}/package.json`));
    const executable = join(native, "lib", process.platform === "win32" ? "tsc.exe" : "tsc");
    if (existsSync(executable)) return executable;
  } catch (cause) {
    throw new CompilerUnavailableError(missing(packageName), { cause });
  }
  throw new CompilerUnavailableError(missing(packageName));
}

function missing(packageName: string): string {
  return `type checking needs the npm package ${packageName}: install Tenon again without --omit=optional`;
}

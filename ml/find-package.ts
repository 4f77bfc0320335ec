/** @file Where optional packages are installed. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * The file where a package begins, looked for in the project (the working folder and those above it) before Tenon's own
 * folder; undefined where it isn't installed.
 */
export function findPackage(name: string): string | undefined {
  for (const from of [pathToFileURL(join(process.cwd(), "package.json")).href, import.meta.url]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      continue;
    }
  }
  return undefined;
}

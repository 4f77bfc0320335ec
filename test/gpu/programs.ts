/** @file The programs of the check: sources here, bundles that lie side by side in a pack. */
import { fileURLToPath } from "node:url";

const isSource = import.meta.url.endsWith(".ts");

/** Node's arguments that start a program of this folder. */
export function programArguments(name: string, ...rest: readonly string[]): readonly string[] {
  const file = fileURLToPath(new URL(`./${name}${isSource ? ".ts" : ".js"}`, import.meta.url));
  return isSource ? ["--import", "tsx", file, ...rest] : [file, ...rest];
}

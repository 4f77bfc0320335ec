/** @file The file that an export or import writes. */
import { existsSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { CommandFailure, exitCode } from "../failure.ts";
import { prepareFolder } from "../run/run-files.ts";
import { Terminal } from "../terminal.ts";

/**
 * The absolute path of what is written: the one that was named, or one beside the input.
 * @throws {CommandFailure} where it is the input, or where a file that may be somebody's work would be written over.
 */
export async function targetFile(
  input: string,
  named: string | undefined,
  extension: string,
  { mayReplace }: { readonly mayReplace: boolean },
): Promise<string> {
  const source = resolve(input);
  const target =
    named === undefined
      ? join(dirname(source), `${basename(source, extname(source))}${extension}`)
      : resolve(named);
  if (target === source) throw new CommandFailure("--out names the file that is read", exitCode.usage);
  if (named === undefined && !mayReplace && existsSync(target)) {
    throw new CommandFailure(`${target} exists; name the file to write with --out`);
  }
  await prepareFolder(target);
  return target;
}

/** Says what was written. */
export function sayWritten(path: string): void {
  const near = relative(process.cwd(), path);
  new Terminal(process.stdout).line(`Wrote ${near.startsWith("..") ? path : near}`);
}

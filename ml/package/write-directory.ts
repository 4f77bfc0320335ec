/** @file A directory of files, written beside its place and moved there: it is there whole or not at all. */
import { randomBytes } from "node:crypto";
import { lstat, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { writeFileAtomically } from "../atomic-file.ts";
import { ModelPackageError } from "./errors.ts";

/**
 * Writes files, by their paths in the directory with "/" between folders.
 * @throws {@link ModelPackageError} where something of that name is there already, or the files can't be written
 */
export async function writeDirectory(
  directory: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<void> {
  const place = resolve(directory);
  if (await isThere(place)) throw new ModelPackageError(directory, "there is something of this name already");
  const temporary = join(dirname(place), `.${basename(place)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await mkdir(temporary, { recursive: true });
    for (const [name, content] of files) {
      const path = join(temporary, ...name.split("/"));
      await mkdir(dirname(path), { recursive: true });
      await writeFileAtomically(path, [typeof content === "string" ? Buffer.from(content) : content]);
    }
    await rename(temporary, place);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelPackageError(directory, `it can't be written: ${reason}`, { cause });
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

/** @file The files of a model with their digests: what a signature is about. */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { fileChunks } from "../../file-chunks.ts";
import { folderEntries } from "../../folder-entries.ts";
import { SignatureError } from "./signature-error.ts";

/** The SHA-256 of each file in hexadecimal, by its name relative to the folder; in the signature's order. */
export type FileDigests = ReadonlyMap<string, string>;

/**
 * Hashes every file of a folder but those in `ignored`, in the order of their names' parts (as Python's `PurePosixPath`
 * sorts, which is what `model-signing` 1 does). Files are streamed.
 * @throws {@link SignatureError} for any link: what is behind it could be changed without the signature noticing
 */
export async function fileDigests(
  folder: string,
  ignored: readonly string[],
  signal: AbortSignal | undefined,
): Promise<FileDigests> {
  if (!(await stat(folder)).isDirectory()) throw new SignatureError(`${folder} is no folder`);
  const skipped = new Set(ignored);
  const digests = new Map<string, string>();
  for (const { name, path, kind } of await folderEntries(folder, (name) => skipped.has(name))) {
    if (kind === "link")
      throw new SignatureError(`${folder}: ${name} is a symbolic link, which is not signed`);
    if (kind === "file") digests.set(name, await fileDigest(path, signal));
  }
  return digests;
}

/** The name of a path relative to a folder as signatures write it; undefined where it is outside. */
export function nameInside(folder: string, path: string): string | undefined {
  const name = relative(resolve(folder), resolve(path));
  return name === "" || name === ".." || name.startsWith(`..${sep}`) || resolve(name) === name
    ? undefined
    : name.split(sep).join("/");
}

async function fileDigest(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of fileChunks(path, signal)) hash.update(chunk);
  return hash.digest("hex");
}

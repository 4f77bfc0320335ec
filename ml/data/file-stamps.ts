/** @file Whether files are still what they were when a table was made of them. */
import { stat } from "node:fs/promises";
import { FileChangedError } from "./errors.ts";

/** A file as it was: its size in bytes and when it was last written. */
export interface FileStamp {
  readonly path: string;
  readonly size: number;
  readonly modified: number;
}

/** Looks at files. Throws the error of the file system where one is not there. */
export async function stampFiles(paths: readonly string[]): Promise<FileStamp[]> {
  return await Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs } = await stat(path);
      return { path, size, modified: mtimeMs };
    }),
  );
}

/** Throws {@link FileChangedError} where a file is not what it was. */
export async function requireUnchanged(stamps: readonly FileStamp[]): Promise<void> {
  await Promise.all(
    stamps.map(async (stamp) => {
      const now = await stat(stamp.path).catch(() => undefined);
      if (now?.size !== stamp.size || now.mtimeMs !== stamp.modified) throw new FileChangedError(stamp.path);
    }),
  );
}

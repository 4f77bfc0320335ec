/** @file Writing a file so that its name holds the old content or the new, whole, whenever the machine stops. */
import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A file that is written beside its final place. */
export interface UnfinishedFile {
  /** Appends bytes. They must not change before the promise is fulfilled. */
  write(bytes: Uint8Array): Promise<void>;
  /** Appends zeros up to a position. */
  padTo(position: number): Promise<void>;
  /** Bytes written so far. */
  readonly length: number;
  /** Flushes to the disk and moves the file to its place, over what is there. */
  commit(path: string): Promise<void>;
  /** Removes what was not committed. Does nothing after {@link commit}. */
  discard(): Promise<void>;
}

/** Starts a file in the folder of `path` under a name of its own. */
export async function unfinishedFile(path: string): Promise<UnfinishedFile> {
  const temporary = temporaryPath(path);
  const file = await open(temporary, "wx");
  let length = 0;
  let committed = false;
  const write = async (bytes: Uint8Array): Promise<void> => {
    await writeAll(file, bytes);
    length += bytes.length;
  };
  return {
    write,
    padTo: async (position) => {
      await write(new Uint8Array(position - length));
    },
    get length() {
      return length;
    },
    commit: async (target) => {
      await file.sync();
      await file.close();
      await rename(temporary, target);
      committed = true;
      await syncFolder(dirname(target));
    },
    discard: async () => {
      if (committed) return;
      await file.close().catch(() => {});
      await unlink(temporary).catch(() => {});
    },
  };
}

/** Writes a file of these chunks in one go: see {@link unfinishedFile}. */
export async function writeFileAtomically(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const file = await unfinishedFile(path);
  try {
    for (const chunk of chunks) await file.write(chunk);
    await file.commit(path);
  } finally {
    await file.discard();
  }
}

/**
 * Has a file written beside its place by others, who are given a path, and moves it there when they are done: on the disk,
 * over what is there. When they fail, nothing of it is left.
 */
export async function writeBeside<T>(path: string, write: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = temporaryPath(path);
  try {
    const result = await write(temporary);
    const file = await open(temporary, "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return result;
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(1 << 30, bytes.length - done));
    done += bytesWritten;
  }
}

/** Flushes a folder's names to the disk. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders; there the rename itself is what can be had.
  if (process.platform === "win32") return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

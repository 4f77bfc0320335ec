/** @file Reading parts of files into memory that the caller has. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

// One call may not read more than this on some platforms.
const largestRead = 1 << 30;

/** Opens a regular file for reading. Never waits, as opening a pipe would. */
export async function openRegularFile(path: string): Promise<{ file: FileHandle; size: number }> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new Error("it is no regular file");
    return { file, size: status.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Fills `target` with the file's bytes from `start` on. Throws where the file ends before. */
export async function readFileRange(file: FileHandle, target: Uint8Array, start: number): Promise<void> {
  for (let done = 0; done < target.length;) {
    const length = Math.min(largestRead, target.length - done);
    const { bytesRead } = await file.read(target, done, length, start + done);
    if (bytesRead === 0) throw new Error("the file ended early; another program may have shortened it");
    done += bytesRead;
  }
}

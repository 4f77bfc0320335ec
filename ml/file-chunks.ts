/** @file A file's bytes, a megabyte at a time: for what hashes, archives or encrypts files larger than memory. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";

const chunkSize = 1 << 20;

/**
 * Reads a regular file in chunks; only the last may be shorter than a megabyte. Each chunk has its own buffer. A link in the
 * file's place is an error (`ELOOP`), where the platform can tell.
 * @throws the signal's reason when it was aborted
 */
export async function* fileChunks(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  // Absent on Windows.
  const noFollow = constants.O_NOFOLLOW ?? 0;
  const file = await open(path, constants.O_RDONLY | noFollow);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const chunk = Buffer.allocUnsafeSlow(chunkSize);
      let filled = 0;
      while (filled < chunkSize) {
        const { bytesRead } = await file.read(chunk, filled, chunkSize - filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      if (filled > 0) yield chunk.subarray(0, filled);
      if (filled < chunkSize) return;
    }
  } finally {
    await file.close();
  }
}

/**
 * @file Reads chosen files out of a zip archive (PKWARE's APPNOTE 6.3.10: end of central directory, central directory, local
 * headers; stored and deflated entries, below 4 GiB) without holding it in memory.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw } from "node:zlib";

/** An archive that is no zip file, or one of a kind that is not read here. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
}

interface Entry {
  readonly name: string;
  readonly isDeflated: boolean;
  readonly packedSize: number;
  readonly size: number;
  readonly crc: number;
  readonly headerOffset: number;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const headerSignature = 0x04034b50;
const endSize = 22;
const longestComment = 65_535;

/**
 * Writes files of an archive, each to its place.
 * @param targets where a file of the archive goes, by its path in the archive
 * @throws {@link ArchiveError} where the archive is damaged or lacks one of them
 */
export async function extractFiles(
  archive: string,
  targets: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(archive);
  try {
    const entries = await readDirectory(file);
    for (const [name, target] of Object.entries(targets)) {
      const entry = entries.find((each) => each.name === name);
      if (!entry) throw new ArchiveError(`the archive has no ${name}`);
      await extract(archive, file, entry, target, signal);
    }
  } finally {
    await file.close();
  }
}

/** Whether an archive has a file. Throws {@link ArchiveError} where it is no archive. */
export async function hasFile(archive: string, name: string): Promise<boolean> {
  const file = await open(archive);
  try {
    return (await readDirectory(file)).some((each) => each.name === name);
  } finally {
    await file.close();
  }
}

async function extract(
  archive: string,
  file: FileHandle,
  { name, isDeflated, packedSize, size, crc, headerOffset }: Entry,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const header = await readAt(file, headerOffset, 30);
  if (header.readUInt32LE(0) !== headerSignature) throw new ArchiveError(`${name} is damaged`);
  const start = headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const output = createWriteStream(target, { flags: "wx", mode: 0o755 });
  if (packedSize === 0) {
    output.end();
    return;
  }
  let found = 0;
  const check = new Transform({
    transform(chunk: Buffer, _, done) {
      found = crc32(chunk, found);
      done(undefined, chunk);
    },
  });
  const input = createReadStream(archive, { start, end: start + packedSize - 1 });
  try {
    if (isDeflated) await pipeline(input, createInflateRaw(), check, output, { signal });
    else await pipeline(input, check, output, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new ArchiveError(`${name} cannot be unpacked: ${String(cause)}`, { cause });
  }
  if (output.bytesWritten !== size || found !== crc)
    throw new ArchiveError(`${name} is damaged: its size or checksum is not the one in the archive`);
}

async function readDirectory(file: FileHandle): Promise<readonly Entry[]> {
  const { size } = await file.stat();
  const tailStart = Math.max(0, size - endSize - longestComment);
  const tail = await readAt(file, tailStart, size - tailStart);
  let end = tail.length - endSize;
  while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end--;
  if (end < 0) throw new ArchiveError("this is no zip archive");
  const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries: Entry[] = [];
  let at = 0;
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === entrySignature) {
    const [flags, method] = [directory.readUInt16LE(at + 8), directory.readUInt16LE(at + 10)];
    const nameLength = directory.readUInt16LE(at + 28);
    const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
    // Entries that are encrypted or packed in another way are left out: they are not what is asked for.
    if ((flags & 1) === 0 && (method === 0 || method === 8))
      entries.push({
        name,
        isDeflated: method === 8,
        packedSize: directory.readUInt32LE(at + 20),
        size: directory.readUInt32LE(at + 24),
        crc: directory.readUInt32LE(at + 16),
        headerOffset: directory.readUInt32LE(at + 42),
      });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new ArchiveError("the archive ends too early");
  return buffer;
}

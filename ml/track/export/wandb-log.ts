/**
 * @file The framing of W&B's transaction logs: LevelDB's log format with a header, and zlib's CRC-32 in place of CRC-32C.
 * Source: https://github.com/google/leveldb/blob/main/doc/log_format.md
 */
import { crc32 } from "node:zlib";

const blockLength = 32_768;
const headerLength = 7;
const kinds = { full: 1, first: 2, middle: 3, last: 4 } as const;

/** `:W&B`, a magic number of two bytes, version 0. */
const fileHeader = Uint8Array.of(0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0);

/** Records as the chunks of a log. */
export function* logChunks(records: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield fileHeader;
  let position = fileHeader.length;
  for (const record of records) {
    let at = 0;
    do {
      let left = blockLength - (position % blockLength);
      if (left < headerLength) {
        yield new Uint8Array(left);
        position += left;
        left = blockLength;
      }
      const part = record.subarray(at, at + left - headerLength);
      const isFirst = at === 0;
      at += part.length;
      const isLast = at === record.length;
      const kind = isFirst ? (isLast ? kinds.full : kinds.first) : isLast ? kinds.last : kinds.middle;
      yield framed(kind, part);
      position += headerLength + part.length;
    } while (at < record.length);
  }
}

/** A part of a record: the sum of its kind and bytes, its length, its kind. */
function framed(kind: number, part: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerLength + part.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(4, part.length, true);
  bytes[6] = kind;
  bytes.set(part, headerLength);
  view.setUint32(0, crc32(bytes.subarray(6)), true);
  return bytes;
}

/**
 * @file The format of encrypted files, version 1: a header, then chunks by AES-256-GCM, each with its tag.
 *
 * ```
 * "TENONENC"  8 bytes
 * version     1 byte: 1
 * chunk size  4 bytes, big-endian: of the plain text of every chunk but the last
 * salt        16 random bytes
 * chunks      cipher text and 16 bytes of tag, each
 * ```
 *
 * Each file has its own key: HKDF-SHA-256 of the key and the salt. A chunk's nonce is its number (11 bytes) and whether it
 * is the last (1 byte), so that chunks that are left out, swapped, repeated or cut off don't authenticate (the STREAM
 * construction: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance",
 * CRYPTO 2015). The header is authenticated with every chunk. Nothing of a chunk is given out before its tag is verified.
 */
import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { EncryptionError } from "./encryption-error.ts";

const magic = "TENONENC";
const version = 1;
const headerLength = 29;
const tagLength = 16;
const chunkSize = 1 << 20;
const largestChunk = 64 << 20;

/** Encrypts a stream of bytes. */
export async function* encryptChunks(
  content: AsyncIterable<Uint8Array>,
  key: KeyObject,
): AsyncGenerator<Uint8Array> {
  const header = Buffer.alloc(headerLength);
  header.write(magic, "latin1");
  header.writeUInt8(version, 8);
  header.writeUInt32BE(chunkSize, 9);
  randomBytes(16).copy(header, 13);
  yield header;
  const fileKey = deriveKey(key, header);
  let number = 0;
  for await (const { bytes, last } of regular(content, chunkSize)) {
    const cipher = createCipheriv("aes-256-gcm", fileKey, nonce(number, last), { authTagLength: tagLength });
    cipher.setAAD(header);
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    number += 1;
  }
}

/**
 * Decrypts a stream of bytes. What is given out is authentic; that it is all of it is certain only when the generator has ended
 * without an error.
 * @throws {@link EncryptionError} for other formats, other keys, and anything that was changed, left out, moved or cut off
 */
export async function* decryptChunks(
  content: AsyncIterable<Uint8Array>,
  key: KeyObject,
): AsyncGenerator<Uint8Array> {
  const reader = content[Symbol.asyncIterator]();
  try {
    const { header, rest } = await readHeader(reader);
    const fileKey = deriveKey(key, header);
    let number = 0;
    for await (const { bytes, last } of regular(
      following(rest, reader),
      header.readUInt32BE(9) + tagLength,
    )) {
      yield decryptChunk(bytes, fileKey, nonce(number, last), header, number);
      number += 1;
    }
  } finally {
    await reader.return?.();
  }
}

function decryptChunk(bytes: Buffer, key: Uint8Array, iv: Buffer, header: Buffer, number: number): Buffer {
  if (bytes.length < tagLength) throw new EncryptionError("the encrypted file is cut off");
  const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: tagLength });
  decipher.setAAD(header);
  decipher.setAuthTag(bytes.subarray(bytes.length - tagLength));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, bytes.length - tagLength)), decipher.final()]);
  } catch (cause) {
    throw new EncryptionError(
      number === 0
        ? "the encrypted file can't be read: the key is another, or the file was changed or cut off"
        : `the encrypted file was changed or cut off at its chunk ${number}`,
      { cause },
    );
  }
}

async function readHeader(
  reader: AsyncIterator<Uint8Array>,
): Promise<{ readonly header: Buffer; readonly rest: Buffer }> {
  let start = Buffer.alloc(0);
  while (start.length < headerLength) {
    const { done, value } = await reader.next();
    if (done === true) break;
    start = Buffer.concat([start, value]);
  }
  if (start.length < headerLength || start.toString("latin1", 0, 8) !== magic)
    throw new EncryptionError("this is no file that was encrypted here");
  const found = start.readUInt8(8);
  if (found !== version)
    throw new EncryptionError(`the encrypted file is of version ${found}; ${version} is known`);
  const size = start.readUInt32BE(9);
  if (size === 0 || size > largestChunk)
    throw new EncryptionError(`the encrypted file has chunks of ${size} bytes`);
  return { header: Buffer.from(start.subarray(0, headerLength)), rest: start.subarray(headerLength) };
}

/** The file's own key. */
function deriveKey(key: KeyObject, header: Buffer): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, header.subarray(13), "tenon encrypted file 1", 32));
}

function nonce(number: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(number), 3);
  bytes.writeUInt8(last ? 1 : 0, 11);
  return bytes;
}

async function* following(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** The same bytes in chunks of one size; the last, which is there in any case, may be shorter, and is marked. */
async function* regular(
  content: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ readonly bytes: Buffer; readonly last: boolean }> {
  let held: Buffer = Buffer.alloc(0);
  for await (const bytes of content) {
    held = held.length === 0 ? Buffer.from(bytes) : Buffer.concat([held, bytes]);
    // A chunk that is full may still be the last.
    while (held.length > size) {
      yield { bytes: held.subarray(0, size), last: false };
      held = held.subarray(size);
    }
  }
  yield { bytes: held, last: true };
}

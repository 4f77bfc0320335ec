/** @file What files are encrypted and decrypted by, whichever format it is. */
import { KeyObject } from "node:crypto";
import { decryptChunks, encryptChunks } from "./chunked-cipher.ts";

/** The formats of encrypted files: our chunks by AES-256-GCM, and https://age-encryption.org/v1. */
export const encryptionFormats = ["aes-256-gcm", "age"] as const;

/** A format of encrypted files. */
export type EncryptionFormat = (typeof encryptionFormats)[number];

/** What encrypts files. */
export interface FileEncryption {
  readonly format: EncryptionFormat;
  encrypt(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

/** What decrypts files. */
export interface FileDecryption {
  readonly format: EncryptionFormat;
  /**
   * What is given out is authentic; that it is all of it is certain only when the iteration has ended without an error.
   * @throws {@link EncryptionError} for other formats, other keys, and anything that was changed
   */
  decrypt(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

/** Encrypts and decrypts by AES-256-GCM with a key of {@link readEncryptionKey}. */
export function aesCipher(key: KeyObject): FileEncryption & FileDecryption {
  return {
    format: "aes-256-gcm",
    encrypt: (content) => encryptChunks(content, key),
    decrypt: (content) => decryptChunks(content, key),
  };
}

/** What encrypts with a key, or with what is given. */
export function encryptionOf(key: KeyObject | FileEncryption): FileEncryption {
  return key instanceof KeyObject ? aesCipher(key) : key;
}

/** What decrypts with a key, or with what is given. */
export function decryptionOf(key: KeyObject | FileDecryption): FileDecryption {
  return key instanceof KeyObject ? aesCipher(key) : key;
}

/** Encrypts bytes in memory. */
export async function encryptBytes(bytes: Uint8Array, encryption: FileEncryption): Promise<Uint8Array> {
  return await gather(encryption.encrypt(once(bytes)));
}

/**
 * Decrypts bytes in memory.
 * @throws {@link EncryptionError} for other keys and formats, and for bytes that were changed or cut off
 */
export async function decryptBytes(bytes: Uint8Array, decryption: FileDecryption): Promise<Uint8Array> {
  return await gather(decryption.decrypt(once(bytes)));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** All chunks as one, not copied where there is one. */
export async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  const [first] = all;
  return all.length === 1 && first ? first : Buffer.concat(all);
}

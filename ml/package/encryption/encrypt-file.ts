import type { KeyObject } from "node:crypto";
import { unfinishedFile } from "../../atomic-file.ts";
import { fileChunks } from "../../file-chunks.ts";
import { notebookHost } from "../../notebook-host.ts";
import { EncryptionError } from "./encryption-error.ts";
import {
  decryptionOf,
  encryptionOf,
  gather,
  type FileDecryption,
  type FileEncryption,
} from "./file-cipher.ts";

/** What stops a file's encryption. */
export interface EncryptionOptions {
  /** Stops, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}

/**
 * Encrypts a file into another, by AES-256-GCM with a key or by what is given, some of it at a time. The target is there when it is
 * whole, or not at all.
 */
export async function encryptFile(
  source: string,
  target: string,
  key: KeyObject | FileEncryption,
  options: EncryptionOptions = {},
): Promise<void> {
  await writeChunks(target, encryptionOf(key).encrypt(fileChunks(source, signalOf(options))));
}

/**
 * Decrypts a file into another. The target is there when all of it was authenticated, or not at all.
 * @throws {@link EncryptionError} for other keys and formats, and for files that were changed, cut off or put together anew
 */
export async function decryptFile(
  source: string,
  target: string,
  key: KeyObject | FileDecryption,
  options: EncryptionOptions = {},
): Promise<void> {
  await named(source, async () =>
    writeChunks(target, decryptionOf(key).decrypt(fileChunks(source, signalOf(options)))),
  );
}

/**
 * Decrypts a file into memory, so that a model is loaded without its plain text touching the disk.
 * @throws {@link EncryptionError} as {@link decryptFile} does
 */
export async function readEncryptedFile(
  source: string,
  key: KeyObject | FileDecryption,
  options: EncryptionOptions = {},
): Promise<Uint8Array> {
  return await named(source, async () =>
    gather(decryptionOf(key).decrypt(fileChunks(source, signalOf(options)))),
  );
}

function signalOf({ signal }: EncryptionOptions): AbortSignal | undefined {
  return signal ?? notebookHost()?.signal;
}

async function writeChunks(target: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await unfinishedFile(target);
  try {
    for await (const chunk of chunks) await file.write(chunk);
    await file.commit(target);
  } finally {
    await file.discard();
  }
}

/** Puts the file's name before the error's message. */
async function named<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof EncryptionError)
      throw new EncryptionError(`${path}: ${error.message}`, { cause: error.cause });
    throw error;
  }
}

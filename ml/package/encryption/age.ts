/**
 * @file Files encrypted by age (https://age-encryption.org/v1), by the package `age-encryption`, which is looked for when it is
 * needed. What it says of secrets is never repeated: its errors may hold them.
 */
import { pathToFileURL } from "node:url";
import { findPackage } from "../../find-package.ts";
import { EncryptionError } from "./encryption-error.ts";
import type { FileDecryption, FileEncryption } from "./file-cipher.ts";

type AgeModule = typeof import("age-encryption");
type Encrypter = InstanceType<AgeModule["Encrypter"]>;
type Decrypter = InstanceType<AgeModule["Decrypter"]>;

/** Who can decrypt: the owners of keys (`age1…`), or whoever knows the passphrase. */
export type AgeReaders = { readonly recipients: readonly string[] } | { readonly passphrase: string };

/** What decrypts: identities (`AGE-SECRET-KEY-1…`), any of which may do, or the passphrase. */
export type AgeSecrets = { readonly identities: readonly string[] } | { readonly passphrase: string };

/** A pair of X25519 keys as age writes them. */
export interface AgeKeys {
  /** `AGE-SECRET-KEY-1…`: keep it. */
  readonly identity: string;
  /** `age1…`: give it to those who encrypt. */
  readonly recipient: string;
}

/** Makes a pair of keys, as `age-keygen` does. @throws {@link EncryptionError} where `age-encryption` isn't installed */
export async function generateAgeKeys(): Promise<AgeKeys> {
  const age = await loadAge();
  const identity = await age.generateX25519Identity();
  return { identity, recipient: await age.identityToRecipient(identity) };
}

/**
 * Encrypts by age.
 * @throws {@link EncryptionError} where there is no recipient, the passphrase is empty, or, when it is used, a recipient is none or
 * the package isn't installed
 */
export function ageEncryption(readers: AgeReaders): FileEncryption {
  if ("recipients" in readers ? readers.recipients.length === 0 : readers.passphrase === "")
    throw new EncryptionError("encrypting by age needs recipients or a passphrase");
  return {
    format: "age",
    encrypt: async function* encrypt(content) {
      const age = await loadAge();
      const encrypter = new age.Encrypter();
      addReaders(encrypter, readers);
      yield* withReader(content, async (reader) => encrypter.encrypt(streamOf(reader)));
    },
  };
}

/**
 * Decrypts what age, rage or we encrypted by age.
 * @throws {@link EncryptionError} where there is no identity, the passphrase is empty, or, when it is used, an identity is none or
 * the package isn't installed
 */
export function ageDecryption(secrets: AgeSecrets): FileDecryption {
  if ("identities" in secrets ? secrets.identities.length === 0 : secrets.passphrase === "")
    throw new EncryptionError("decrypting by age needs identities or a passphrase");
  return {
    format: "age",
    decrypt: async function* decrypt(content) {
      const age = await loadAge();
      const decrypter = new age.Decrypter();
      addSecrets(decrypter, secrets);
      // The content's own failure, of the disk perhaps, is told as it is.
      const failures: unknown[] = [];
      try {
        yield* withReader(watched(content, failures), async (reader) => decrypter.decrypt(streamOf(reader)));
      } catch {
        if (failures.length > 0) throw failures[0];
        // Without the cause: it may name what it was tried with.
        throw new EncryptionError(
          "this can't be decrypted by age: it is no age file, was changed or cut off, or the key is another",
        );
      }
    },
  };
}

/**
 * The identities in the text of an identity file, as `age-keygen` writes it: one a line, and comments.
 * @throws {@link EncryptionError} where there is none, or something else; the message doesn't repeat it
 */
export function parseAgeIdentities(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const identities = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (identities.length === 0) throw new EncryptionError("there is no identity in it");
  for (const identity of identities) requireIdentity(identity);
  return identities;
}

function addReaders(encrypter: Encrypter, readers: AgeReaders): void {
  if ("passphrase" in readers) {
    encrypter.setPassphrase(readers.passphrase);
    return;
  }
  for (const recipient of readers.recipients) {
    if (/^AGE-SECRET-KEY-/i.test(recipient))
      throw new EncryptionError("this is an identity, which decrypts; a recipient begins with age1");
    try {
      encrypter.addRecipient(recipient);
    } catch (cause) {
      throw new EncryptionError(`${JSON.stringify(recipient)} is no recipient of age's`, { cause });
    }
  }
}

function addSecrets(decrypter: Decrypter, secrets: AgeSecrets): void {
  if ("passphrase" in secrets) {
    decrypter.addPassphrase(secrets.passphrase);
    return;
  }
  for (const identity of secrets.identities) {
    requireIdentity(identity);
    try {
      decrypter.addIdentity(identity);
    } catch {
      throw notAnIdentity();
    }
  }
}

function requireIdentity(identity: string): void {
  if (!/^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/.test(identity)) throw notAnIdentity();
}

function notAnIdentity(): EncryptionError {
  return new EncryptionError(
    "an identity of age's is a line that begins with AGE-SECRET-KEY-1, and this is none",
  );
}

/** What is made of a reader of some content, which is closed at the end, however that comes. */
async function* withReader(
  content: AsyncIterable<Uint8Array>,
  make: (reader: AsyncIterator<Uint8Array>) => Promise<ReadableStream<Uint8Array>>,
): AsyncGenerator<Uint8Array> {
  const reader = content[Symbol.asyncIterator]();
  try {
    yield* await make(reader);
  } finally {
    await reader.return?.();
  }
}

function streamOf(reader: AsyncIterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await reader.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

async function* watched(content: AsyncIterable<Uint8Array>, failures: unknown[]): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    failures.push(error);
    throw error;
  }
}

async function loadAge(): Promise<AgeModule> {
  const path = findPackage("age-encryption");
  if (path === undefined)
    throw new EncryptionError(
      "encryption by age needs the package age-encryption: npm install age-encryption",
    );
  // SAFETY: this is the package whose types these are.
  return (await import(pathToFileURL(path).href)) as AgeModule;
}

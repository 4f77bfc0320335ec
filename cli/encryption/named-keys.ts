/** @file Keys as the options of commands name them. */
import type { KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  ageDecryption,
  ageEncryption,
  encryptionKeyFromCommand,
  encryptionKeyFromEnvironment,
  parseAgeIdentities,
  type FileDecryption,
  type FileEncryption,
} from "../../ml/package/encryption/index.ts";
import type { DecryptionKeyOptions, EncryptionKeyOptions } from "../commands/encrypt.ts";
import { CommandFailure, exitCode } from "../failure.ts";

type Making<T> = Readonly<Record<string, (() => Promise<T>) | undefined>>;

/**
 * What encrypts, as options name it; undefined where they don't.
 * @throws {CommandFailure} where they name several; {@link EncryptionError} where what they name is none
 */
export async function namedEncryption(
  options: EncryptionKeyOptions,
  signal: AbortSignal,
): Promise<KeyObject | FileEncryption | undefined> {
  const { recipient } = options;
  return await theOne<KeyObject | FileEncryption>({
    "--recipient": recipient.length === 0 ? undefined : async () => ageEncryption({ recipients: recipient }),
    "--passphrase-env": passphrase(options, (text) => ageEncryption({ passphrase: text })),
    ...keys(options, signal),
  });
}

/**
 * What decrypts, as options name it; undefined where they don't.
 * @throws {CommandFailure} where they name several; {@link EncryptionError} where what they name is none
 */
export async function namedDecryption(
  options: DecryptionKeyOptions,
  signal: AbortSignal,
): Promise<KeyObject | FileDecryption | undefined> {
  const { identity } = options;
  return await theOne<KeyObject | FileDecryption>({
    "--identity":
      identity === undefined
        ? undefined
        : async () => ageDecryption({ identities: parseAgeIdentities(await readFile(identity, "utf8")) }),
    "--passphrase-env": passphrase(options, (text) => ageDecryption({ passphrase: text })),
    ...keys(options, signal),
  });
}

function passphrase<T>(
  { passphraseEnv }: EncryptionKeyOptions | DecryptionKeyOptions,
  make: (text: string) => T,
): (() => Promise<T>) | undefined {
  if (passphraseEnv === undefined) return undefined;
  return async () => {
    const text = process.env[passphraseEnv];
    if (text === undefined || text === "")
      throw new CommandFailure(
        `the environment variable ${passphraseEnv} holds no passphrase`,
        exitCode.usage,
      );
    return make(text);
  };
}

function keys(
  { keyEnv, keyCommand }: EncryptionKeyOptions | DecryptionKeyOptions,
  signal: AbortSignal,
): Making<KeyObject> {
  return {
    "--key-env": keyEnv === undefined ? undefined : async () => encryptionKeyFromEnvironment(keyEnv),
    "--key-command":
      keyCommand === undefined ? undefined : async () => encryptionKeyFromCommand(keyCommand, { signal }),
  };
}

async function theOne<T>(making: Making<T>): Promise<T | undefined> {
  const named = Object.entries(making).filter(([, make]) => make !== undefined);
  if (named.length > 1)
    throw new CommandFailure(
      `${named.map(([name]) => name).join(" and ")} can't go together`,
      exitCode.usage,
    );
  return await named[0]?.[1]?.();
}
